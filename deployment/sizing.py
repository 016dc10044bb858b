"""How much memory a model's server needs, and which endpoint has it: one process a core, each with a copy of the model."""

from pathlib import Path

SERVERLESS_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)
LEAST_SERVERLESS_MB = 2048  # with less a start takes longer: cores come with memory
CPU_INSTANCES = (("ml.c7i.large", 4), ("ml.m7i.large", 8), ("ml.r7i.large", 16))  # of two cores each, with their GB
CORES = 2
SYSTEM_MB = 300
# Of a process: Python with ONNX Runtime, and what an inference takes; then a model's bytes as file, as graph and as packed weights.
# Measured with a DenseNet-121 of 28 MB: 280 MB.
PROCESS_MB, COPIES = 170, 4.2


def estimate_process_mb(model_bytes: int) -> int:
    """Return the memory of one process that serves a model, in MB."""
    return round(PROCESS_MB + COPIES * model_bytes / 1e6)


def choose_serverless_mb(model_bytes: int) -> int:
    """Return the least memory of a serverless endpoint that holds a process a core, or 0 if none does: each GB brings about a core."""
    needed = estimate_process_mb(model_bytes)
    fitting = (each for each in SERVERLESS_MEMORY_MB if each >= LEAST_SERVERLESS_MB and SYSTEM_MB + needed * each // 1024 <= each)
    return next(fitting, 0)


def choose_cpu_instance(model_bytes: int) -> str:
    """Return the smallest instance that holds a process a core; the largest of them if none does."""
    needed = SYSTEM_MB + CORES * estimate_process_mb(model_bytes)
    return next((name for name, size_gb in CPU_INSTANCES if needed <= 1024 * size_gb), CPU_INSTANCES[-1][0])


def measure_model(path: Path) -> int:
    """Return the bytes of a model, 0 where there is none yet."""
    return path.stat().st_size if path.is_file() else 0
