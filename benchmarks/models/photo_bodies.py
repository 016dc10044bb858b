"""How the server's thread asks a DenseNet-121 of random weights what bodies of photos hold: `python -m benchmarks.models.photo_bodies`.

For one body of 40 photos and for 16 bodies of one, each body by itself and joined with those that wait: the batches that the model saw, how
long the answers took, and the most memory above what the loaded and warm server had. One process for each, in turns.
"""
# ruff: noqa: PLC0415 - what is measured in a process is to be the only thing that it loads

import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.models.photos import SHAPE, build_model, read_peak_mb

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = ROOT / "recipes/natural_images/pretrained/manifest.json"
WAYS = {"one body of 40": [40], "16 bodies of one": [1] * 16, "bodies of 1, 20 and 3": [1, 20, 3]}
ROUNDS = 3


def main() -> None:
    """Write the model, and measure each way alone and joined."""
    with tempfile.TemporaryDirectory() as scratch:
        from training.trainers.densenet_export import export

        folder, content = Path(scratch), export(build_model()[0], SHAPE, is_half=True)
        (folder / "model.onnx").write_bytes(content)
        manifest = {**json.loads(MANIFEST.read_text()), "sha256": hashlib.sha256(content).hexdigest()}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        for way in WAYS:
            for joins in ("alone", "joined"):
                runs = [_run(folder, way, joins) for _ in range(ROUNDS)]
                print(json.dumps({"bodies": way, "asked": joins, "runs": runs}))


def _run(folder: Path, way: str, joins: str) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.models.photo_bodies", str(folder), way, joins]
    return dict(json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout))


def measure(folder: Path, way: str, joins: str) -> None:
    """Print the batches, the processor seconds until the mean and the last answer, and the memory."""
    from recipes.models.artifact import load
    from serving.inference.engine import Engine
    from serving.inference.job import Job
    from serving.inference.large_bodies import LargeBodies

    engine = Engine(load(folder), "cpu")
    engine.warm_up()
    batches: list[int] = []
    done_s: list[float] = []

    def predict(instances: "np.ndarray") -> "np.ndarray":  # type: ignore[type-arg]
        batches.append(len(instances))
        return engine.predict(instances)

    def decode(body: bytes) -> "np.ndarray":  # type: ignore[type-arg]
        return np.frombuffer(body, np.uint8).reshape(-1, *SHAPE)

    before_mb, began = read_peak_mb(), time.process_time()
    bodies = LargeBodies(predict, engine.batch, joins=joins == "joined", finish=lambda *_: done_s.append(time.process_time() - began))
    photo = np.random.default_rng(0).integers(0, 256, SHAPE, np.uint8).tobytes()
    for count in WAYS[way]:
        bodies.put(Job(photo * count, decode, lambda parts: b"".join(part.tobytes() for part in parts), lambda _: None))
    bodies.close()
    found = {"batches": batches, "mean_s": round(sum(done_s) / len(done_s), 2), "last_s": round(max(done_s), 2)}
    print(json.dumps({**found, "more_mb": round(read_peak_mb() - before_mb)}))


if __name__ == "__main__":
    measure(Path(sys.argv[1]), *sys.argv[2:]) if len(sys.argv) > 1 else main()
