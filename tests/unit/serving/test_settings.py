from pathlib import Path

import pytest

from recipes.errors import InvalidSettings
from serving.settings import MIB, Settings, count_cores


def test_has_sagemakers_defaults() -> None:
    settings = Settings.from_env({})
    assert settings == Settings()
    assert (settings.port, settings.model_dir) == (8080, Path("/opt/ml/model"))
    assert settings.max_body_bytes == 6_291_456


def test_reads_the_environment() -> None:
    settings = Settings.from_env(
        {
            "SAGEMAKER_BIND_TO_PORT": "9000",
            "INFERSTACK_HOST": "127.0.0.1",
            "INFERSTACK_MODEL_DIR": "/m",
            "INFERSTACK_MANIFEST_SHA256": "0" * 64,
            "INFERSTACK_WORKERS": "3",
            "INFERSTACK_DEVICE": "cpu",
            "INFERSTACK_DRAIN_S": "5",
            "INFERSTACK_LOG_LEVEL": "warning",
        }
    )
    assert (settings.host, settings.port, settings.model_dir, settings.workers) == ("127.0.0.1", 9000, Path("/m"), 3)
    assert settings.manifest_sha256 == "0" * 64
    assert (settings.device, settings.drain_s, settings.log_level) == ("cpu", 5.0, "WARNING")


@pytest.mark.parametrize(("payload_mb", "bytes_"), [("0", 100 * MIB), ("1", MIB), ("50", 50 * MIB), ("1000", 100 * MIB)])
def test_takes_batch_transforms_payload(payload_mb: str, bytes_: int) -> None:
    settings = Settings.from_env({"SAGEMAKER_MAX_PAYLOAD_IN_MB": payload_mb})
    assert settings.max_body_bytes == bytes_
    assert settings.max_waiting_bytes >= 2 * bytes_


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAGEMAKER_BIND_TO_PORT", "http"),
        ("INFERSTACK_WORKERS", "-1"),
        ("INFERSTACK_WORKERS", "1.5"),
        ("INFERSTACK_DEVICE", "tpu"),
        ("INFERSTACK_LOG_LEVEL", "chatty"),
    ],
)
def test_names_the_variable_it_cannot_read(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        Settings.from_env({name: value})


def test_counts_at_least_one_core() -> None:
    assert count_cores() >= 1
