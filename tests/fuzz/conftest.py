from tests.unit.functions.process_upload.conftest import buckets, results

__all__ = ["buckets", "results"]
