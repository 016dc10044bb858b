"""The server's settings, read once from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Literal, cast, get_args

from recipes.errors import InvalidSettings
from recipes.models.model_files import MANIFEST_DIGEST

MIB = 1 << 20
REALTIME_BODY_BYTES = 6 * MIB  # InvokeEndpoint's own limit
LARGEST_BODY_BYTES = 100 * MIB  # Batch Transform's largest MaxPayload
Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What one server process group runs with.

    Args:    host, port: where it listens.
             model_dir: the folder with model.onnx and manifest.json.
             manifest_sha256: of the manifest that was registered, and by it of the model; empty for a model that is in no registry.
             workers: processes; 0 means one a core, or one in all on a GPU, where tick batching already fills the device.
             device: where inference runs; auto takes the GPU if there is one that works.
             max_body_bytes: the largest request body.
             max_waiting_bytes: bodies a worker holds at once, received or waiting, before it answers 503.
             max_waiting_instances: instances of small bodies a worker lets wait before it answers 503.
             max_connections: open connections a worker keeps.
             drain_s: how long SIGTERM waits for answers that are due. SageMaker kills after 30 s.
    """

    host: str = "0.0.0.0"  # noqa: S104  SageMaker reaches the container from outside; local runs pass 127.0.0.1
    port: int = 8080
    model_dir: Path = Path("/opt/ml/model")
    manifest_sha256: str = ""
    workers: int = 0
    device: Device = "auto"
    max_body_bytes: int = REALTIME_BODY_BYTES
    max_waiting_bytes: int = 128 * MIB
    max_waiting_instances: int = 4096
    max_connections: int = 1024
    drain_s: float = 25.0
    log_level: str = "INFO"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Return the settings in the environment; raise InvalidSettings naming the variable that cannot be read.

        Source: SageMaker sets SAGEMAKER_BIND_TO_PORT, and for Batch Transform SAGEMAKER_MAX_PAYLOAD_IN_MB, 0 meaning no limit.
        """
        default = cls()
        payload_mb = _read_number(env, "SAGEMAKER_MAX_PAYLOAD_IN_MB", -1)
        max_body_bytes = REALTIME_BODY_BYTES if payload_mb < 0 else min((payload_mb or 100) * MIB, LARGEST_BODY_BYTES)
        device = env.get("INFERSTACK_DEVICE", "auto")
        if device not in get_args(Device):
            raise InvalidSettings(f"INFERSTACK_DEVICE is {device!r}; it takes {', '.join(get_args(Device))}")
        log_level = env.get("INFERSTACK_LOG_LEVEL", "INFO").upper()
        if log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise InvalidSettings(f"INFERSTACK_LOG_LEVEL is {log_level!r}; it takes DEBUG, INFO, WARNING or ERROR")
        return cls(
            host=env.get("INFERSTACK_HOST", default.host),
            port=_read_number(env, "SAGEMAKER_BIND_TO_PORT", default.port),
            model_dir=Path(env.get("INFERSTACK_MODEL_DIR", str(default.model_dir))),
            manifest_sha256=env.get(MANIFEST_DIGEST, default.manifest_sha256),
            workers=_read_number(env, "INFERSTACK_WORKERS", default.workers),
            device=cast(Device, device),
            max_body_bytes=max_body_bytes,
            max_waiting_bytes=max(default.max_waiting_bytes, 2 * max_body_bytes),
            drain_s=float(_read_number(env, "INFERSTACK_DRAIN_S", int(default.drain_s))),
            log_level=log_level,
        )


def _read_number(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        raise InvalidSettings(f"{name} is {text!r}; it takes a whole number, 0 or more")
    return int(text)


def count_cores() -> int:
    """Return how many cores this container may use: its affinity, or less where a cgroup quota gives less."""
    usable = len(os.sched_getaffinity(0))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
    except (OSError, ValueError):
        return usable
    return usable if quota == "max" else max(1, min(usable, ceil(int(quota) / int(period))))
