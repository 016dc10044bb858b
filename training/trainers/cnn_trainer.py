"""A small convolutional network: 112,698 parameters, six convolutions, 454 kB as ONNX."""

import copy
import hashlib
import io
import math
import os
import warnings

# Two threads that spin while they wait slow each other down.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.dataset import Split
from training.trainers import Float32, Hyperparameters, Progress, UInt8
from training.trainers.augment import augment
from training.trainers.checkpoint import Checkpoint, find_file

MEAN, STD = 0.1307, 0.3081  # of MNIST's training pixels in 0-1
EMA_EVERY, EMA_DECAY = 5, 0.99
WARM_UP_STEPS = 400
OPSET = 17


def fit(train: Split, validation: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> "FittedCnn":
    """Train with AdamW, a cosine schedule, label smoothing and augmentation; return the running average of the weights.

    On CUDA if there is one. If INFERSTACK_CHECKPOINT_DIR names a folder, each epoch ends with a checkpoint there, and an interrupted run
    goes on from it.

    Args:    hyperparameters: epochs, width, batch_size, learning_rate, weight_decay, label_smoothing.
    """
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    split = train + validation  # nothing is chosen here: the hyperparameters are given
    images = torch.from_numpy(split.inputs).to(device).float().div_(255)[:, None]
    labels = torch.from_numpy(split.targets.astype("int64")).to(device)
    model = Network(int(hyperparameters["width"])).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub forgot it
    average = copy.deepcopy(model).eval()
    optimizer = _build_optimizer(model, hyperparameters)
    batch_size = min(int(hyperparameters["batch_size"]), len(labels))
    per_epoch = len(labels) // batch_size
    total = per_epoch * int(hyperparameters["epochs"])
    checkpoint = Checkpoint(
        find_file("cnn"),
        {"seed": seed, "hyperparameters": dict(hyperparameters), "device": device.type, "data": _hash_split(split)},
        {"model": model, "average": average, "optimizer": optimizer},
    )
    done = checkpoint.resume()
    progress(done, total, f"resumes on {device.type}" if done else f"starts on {device.type}")
    for step in range(done, total):
        if step % per_epoch == 0:
            order = torch.randperm(len(labels))
        at = step % per_epoch * batch_size
        chosen = order[at : at + batch_size]
        for group in optimizer.param_groups:
            group["lr"] = _compute_learning_rate(float(hyperparameters["learning_rate"]), step, total)
        batch = augment(images[chosen]).to(memory_format=torch.channels_last)
        loss = functional.cross_entropy(model(batch), labels[chosen], label_smoothing=float(hyperparameters["label_smoothing"]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        if (step + 1) % EMA_EVERY == 0:
            _update_average(average, model, (step + 1) // EMA_EVERY)
        epoch_ends = (step + 1) % per_epoch == 0
        if epoch_ends:
            checkpoint.save(step + 1)
        if step % 50 == 0 or epoch_ends:
            progress(step + 1, total, f"loss {loss.item():.3f} on {device.type}")
    return FittedCnn(average.cpu())


class Network(nn.Module):
    """Logits [N, 10] of float images [N, 1, 28, 28] in 0-1."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _build_block(1, width, 5, 2, pool=True),  # 14×14
            _build_block(width, 2 * width, 3, 1),
            _build_block(2 * width, 2 * width, 3, 1, pool=True),  # 7×7
            _build_block(2 * width, 4 * width, 3, 1),
            _build_block(4 * width, 4 * width, 3, 0),  # 5×5
            _build_block(4 * width, 4 * width, 3, 0),  # 3×3
        )
        self.dropout = nn.Dropout(0.2)
        self.classify = nn.Linear(4 * width * 9, 10)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        features = self.features((images - MEAN) / STD)
        logits: Tensor = self.classify(self.dropout(features.flatten(1)))
        return logits


class FittedCnn:
    """The trained network."""

    def __init__(self, network: Network) -> None:
        self._network = network.eval()

    def predict(self, images: UInt8) -> Float32:
        """Return softmax of the logits, [N, 10]."""
        with torch.inference_mode():
            chunks = [self._predict(torch.from_numpy(images[at : at + 500].copy())) for at in range(0, len(images), 500)]
        result: Float32 = torch.cat(chunks).numpy()
        return result

    def to_onnx(self) -> bytes:
        """Return the graph with its scaling and softmax inside."""
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            # The exporter through torch.export needs two more packages and writes the same graph.
            warnings.simplefilter("ignore", DeprecationWarning)
            torch.onnx.export(
                _FromPixels(self._network).eval(),
                (torch.zeros(2, 28, 28, dtype=torch.uint8),),
                buffer,  # type: ignore[arg-type]  # the exporter writes to files too
                dynamo=False,
                input_names=["pixels"],
                output_names=["probabilities"],
                dynamic_axes={"pixels": {0: "N"}, "probabilities": {0: "N"}},
                opset_version=OPSET,
            )
        return buffer.getvalue()

    def _predict(self, pixels: Tensor) -> Tensor:
        probabilities: Tensor = _FromPixels(self._network)(pixels)
        return probabilities


class _FromPixels(nn.Module):
    """Probabilities [N, 10] of uint8 pixels [N, 28, 28]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: Tensor) -> Tensor:
        return torch.softmax(self.network(pixels.to(torch.float32).unsqueeze(1) / 255), 1)


def _build_block(inputs: int, outputs: int, kernel: int, padding: int, *, pool: bool = False) -> nn.Sequential:
    # Pooling before normalisation and ReLU leaves a quarter of the elementwise work.
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False),
        *([nn.MaxPool2d(2)] if pool else []),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


def _build_optimizer(model: nn.Module, hyperparameters: Hyperparameters) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": float(hyperparameters["weight_decay"])},
            {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=float(hyperparameters["learning_rate"]),
        betas=(0.9, 0.99),
    )


def _hash_split(split: Split) -> str:
    return hashlib.sha256(split.inputs.tobytes() + split.targets.tobytes()).hexdigest()


def _compute_learning_rate(peak: float, step: int, total: int) -> float:
    """Warm up, hold for a tenth of the run, then fall along a cosine."""
    done = step / total
    if done < 0.1:
        return peak * min(1.0, (step + 1) / min(WARM_UP_STEPS, 0.1 * total))
    return max(1e-6, peak * 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)))


@torch.no_grad()
def _update_average(average: nn.Module, model: nn.Module, updates: int) -> None:
    keep = min(EMA_DECAY, (updates + 1) / (updates + 10))
    for mean, weight in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(weight, 1 - keep)
    for running, statistic in zip(average.buffers(), model.buffers(), strict=True):
        if running.dtype.is_floating_point:
            running.lerp_(statistic, 1 - keep)
