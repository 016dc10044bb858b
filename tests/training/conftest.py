from tests.unit.training.conftest import few, mnist

__all__ = ["few", "mnist"]
