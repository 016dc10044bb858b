"""What a DenseNet-121 takes on one core, by how its weights are stored and computed: `python -m benchmarks.models.photos`.

Each form runs in a process of its own, with the server's session options; forms take turns, and what counts is processor time.
The weights are random with the statistics of noise: neither time nor memory depend on them. What a form costs in accuracy is measured on
the shipped small network and the drawn pictures that it chose its temperature on.
"""
# ruff: noqa: PLC0415 - what is measured in a process is to be the only thing that it loads

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

SIZES, ROUNDS = (1, 8, 32), int(os.environ.get("ROUNDS", "5"))
SHAPE = (224, 224, 3)
ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    """Write the forms, measure them in turns, and print the figures as JSON."""
    with tempfile.TemporaryDirectory() as scratch:
        forms = write_forms(Path(scratch))
        measured: dict[str, list[dict[str, Any]]] = {name: [] for name in forms}
        for _ in range(ROUNDS):
            for name, path in forms.items():
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.models.photos", str(path)], cwd=ROOT, capture_output=True, check=True
                )
                measured[name].append(json.loads(done.stdout))
        for name, runs in measured.items():
            figures = {key: [min(run[key] for run in runs), statistics.median(run[key] for run in runs)] for key in runs[0]}
            print(json.dumps({"form": name, "size_bytes": forms[name].stat().st_size, "least and median of": ROUNDS, **figures}))


def build_model() -> tuple[Any, Any]:
    """Return a DenseNet-121 of random weights that knows the statistics of noise, and the noise."""
    import torch

    from training.trainers.densenet import SIZES as NETWORKS
    from training.trainers.densenet import DenseNet, FromColors, normalize
    from training.trainers.densenet_export import fold, round_to_half

    torch.manual_seed(0)
    network = DenseNet(NETWORKS["densenet121"], 8).train()
    noise = torch.randint(0, 256, (4, *SHAPE), dtype=torch.uint8)
    with torch.no_grad():
        for _ in range(10):
            network(normalize(noise))
    return FromColors(round_to_half(fold(network.eval()))), noise


def write_forms(folder: Path) -> dict[str, Path]:
    """Return the same network as float32, with weights stored as float16, computed in float16, and in int8."""
    import onnx
    from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process
    from onnxruntime.transformers.float16 import convert_float_to_float16

    from training.trainers.densenet_export import export

    model, noise = build_model()
    forms = {name: folder / f"{name}.onnx" for name in ("float32", "stored as float16", "computed in float16", "int8")}
    for name, is_half in (("float32", False), ("stored as float16", True)):
        forms[name].write_bytes(export(model, SHAPE, is_half=is_half))
    onnx.save(convert_float_to_float16(onnx.load(forms["float32"]), keep_io_types=True), forms["computed in float16"])
    quant_pre_process(str(forms["float32"]), str(folder / "prepared.onnx"), skip_symbolic_shape=True)

    class Noise(CalibrationDataReader):
        batches = iter([{"pixels": noise.numpy()}] * 2)

        def get_next(self) -> Any:
            return next(self.batches, None)

    types = {"activation_type": QuantType.QUInt8, "weight_type": QuantType.QInt8, "per_channel": True}
    quantize_static(str(folder / "prepared.onnx"), str(forms["int8"]), Noise(), quant_format=QuantFormat.QDQ, **types)
    return forms


def measure(path: Path) -> None:
    """Print what this form takes in this process: seconds to load, milliseconds of processor time an image, and memory."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    images = np.random.default_rng(0).integers(0, 256, (max(SIZES), *SHAPE), np.uint8)
    before_mb, began = read_peak_mb(), time.process_time()
    session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    figures: dict[str, float] = {"load_cpu_s": time.process_time() - began}
    for size in SIZES:
        session.run(None, {"pixels": images[:size]})
        began = time.process_time()
        session.run(None, {"pixels": images[:size]})
        figures[f"cpu_ms_an_image_of_{size}"] = 1000 * (time.process_time() - began) / size
        figures[f"peak_mb_of_{size}"] = read_peak_mb() - before_mb
    print(json.dumps({name: round(figure, 2) for name, figure in figures.items()}))


def read_peak_mb() -> float:
    """Return the most memory that this process had. What getrusage gives begins with what its parent had."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


if __name__ == "__main__":
    measure(Path(sys.argv[1])) if len(sys.argv) > 1 else main()
