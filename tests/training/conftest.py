from tests.unit.training.conftest import few, mnist, random

__all__ = ["few", "mnist", "random"]
