"""Memory and machines follow from the model's size."""

from pathlib import Path

import pytest

from deployment.sizing import choose_cpu_instance, choose_serverless_mb, estimate_process_mb
from deployment.stages import settings_for
from recipes.errors import InvalidSettings

DENSENET = 27_829_398


def write_model(folder: Path, size_bytes: int) -> str:
    """Return a folder with a model of so many bytes, of which none is on the disk."""
    with (folder / "model.onnx").open("wb") as file:
        file.truncate(size_bytes)
    return str(folder)


def test_a_process_takes_what_was_measured() -> None:
    assert estimate_process_mb(DENSENET) == pytest.approx(280, rel=0.1)


@pytest.mark.parametrize(
    ("model_mb", "memory_mb", "instance"),
    [
        (0, 2048, "ml.c7i.large"),
        (28, 2048, "ml.c7i.large"),
        (150, 2048, "ml.c7i.large"),
        (180, 4096, "ml.c7i.large"),
        (400, 0, "ml.c7i.large"),
        (600, 0, "ml.m7i.large"),
        (1500, 0, "ml.r7i.large"),
    ],
)
def test_chooses_the_smallest_that_holds_a_process_a_core(model_mb: int, memory_mb: int, instance: str) -> None:
    assert (choose_serverless_mb(model_mb * 1_000_000), choose_cpu_instance(model_mb * 1_000_000)) == (memory_mb, instance)


def test_a_stage_takes_its_memory_and_its_machines_from_its_model(tmp_path: Path) -> None:
    model_dir = write_model(tmp_path, 180_000_000)
    assert settings_for("dev", model_dir=model_dir).endpoint_memory_mb == 4096
    assert settings_for("dev", model_dir=model_dir, serverless_memory_mb=6144).endpoint_memory_mb == 6144
    large = write_model(tmp_path, 600_000_000)
    assert settings_for("dev", endpoint_kind="cpu", model_dir=large).endpoint_instance_type == "ml.m7i.large"
    assert settings_for("dev", endpoint_kind="cpu", instance_type="ml.c7i.large", model_dir=large).endpoint_instance_type == "ml.c7i.large"


def test_says_where_a_serverless_endpoint_is_too_small(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings, match=r"the model has 600 MB.*set endpoint_kind=cpu or gpu"):
        settings_for("dev", model_dir=write_model(tmp_path, 600_000_000))
