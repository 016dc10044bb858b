"""A DenseNet for photos, fine-tuned from published weights or trained anew; its batches are read from disk as they come."""

import copy
import os
from collections.abc import Mapping

# Two threads that spin while they wait slow each other down.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.dataset import Array, Split
from recipes.errors import InvalidSettings
from recipes.recipe import Recipe
from training.trainers import Float32, Hyperparameters, Progress, UInt8
from training.trainers.augment_photos import augment_photos
from training.trainers.calibration import fit_sharpness
from training.trainers.checkpoint import Checkpoint, find_file, hash_split
from training.trainers.densenet import SIZES, DenseNet, FromColors, center, scale
from training.trainers.densenet_export import export, fold, round_to_half
from training.trainers.first_weights import begin
from training.trainers.precision import use_bfloat16
from training.trainers.schedule import build_optimizer, compute_learning_rate

CHUNK = 16  # images at a time, where nothing is learned
MOST_LOST = 0.001  # of the validation split's pictures that rounding may cost


def fit(
    recipe: Recipe,
    train: Split,
    validation: Split,
    hyperparameters: Hyperparameters,
    *,
    seed: int,
    progress: Progress,
    first: "FittedDenseNet | None" = None,
) -> "FittedDenseNet":
    """Train the network, set its temperature on the validation split, and round its weights to 16 bits if that costs nothing there.

    Args:    hyperparameters: those of `train_network`, and network, of SIZES, and weights, of `first_weights.begin`.
             first: the network trained on one split, where this one is trained on both: its temperature is kept.
    Raises:  InvalidSettings: pictures that are neither grey nor of three colours, or another network.
    """
    name = str(hyperparameters["network"])
    if name not in SIZES or len(recipe.instance_shape) not in {2, 3} or recipe.instance_shape[2:] not in {(), (3,)}:
        raise InvalidSettings(
            f"got the network {name} and instances of {list(recipe.instance_shape)}; expected one of {', '.join(SIZES)}, and pictures",
            advice="Pictures are [height, width], or [height, width, 3] of colours.",
        )
    torch.manual_seed(seed)
    network = DenseNet(SIZES[name], len(recipe.labels), channels=3 if recipe.instance_shape[2:] else 1)
    weights = begin(network, name, str(hyperparameters.get("weights", "random")))
    trained = train_network(network, weights, train, hyperparameters, seed=seed, progress=progress)
    folded = fold(trained.cpu().eval())
    shrink = SIZES[name].shrink
    sharpness = first.sharpness if first else _choose_sharpness(FromColors(folded, 1.0, shrink), validation)
    return choose_precision(FromColors(folded, sharpness, shrink), validation, {"first_weights": weights})


def _choose_sharpness(model: FromColors, validation: Split) -> float:
    return fit_sharpness(np.log(np.maximum(_predict(model, validation.inputs), 1e-30)), validation.targets)


def choose_precision(model: FromColors, validation: Split, described: Mapping[str, object]) -> "FittedDenseNet":
    """Return the model with its weights rounded to 16 bits, or as they are if that loses pictures of the validation split."""
    rounded = FromColors(round_to_half(copy.deepcopy(model.network)), model.sharpness, model.shrink)
    right = [_measure_accuracy(each, validation) for each in (model, rounded)]
    holds = right[1] >= right[0] - MOST_LOST
    stored = {"stored": "float16" if holds else "float32", "validation_accuracy": dict(zip(("float32", "float16"), right, strict=True))}
    shape = validation.inputs.shape[1:]
    return FittedDenseNet(rounded if holds else model, shape, is_half=holds, described={**described, "weights": stored})


def train_network(
    network: DenseNet, first: str, train: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress
) -> DenseNet:
    """Train with AdamW, a cosine schedule, label smoothing and augmentation; with 16 bits on a GPU, and on a processor that has them.

    If INFERSTACK_CHECKPOINT_DIR names a folder, each epoch ends with a checkpoint there, and an interrupted run goes on from it.

    Args:    hyperparameters: epochs, batch_size, learning_rate, weight_decay, label_smoothing; head_epochs, the first ones, in which the
                 classifier alone learns, because random weights behind published ones would spoil those.
             first: what the weights are now.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub forgot it
    optimizer = build_optimizer(network, hyperparameters)
    scaler = torch.amp.GradScaler(device.type, enabled=device.type == "cuda")
    shrink = SIZES[str(hyperparameters["network"])].shrink
    batch_size = min(int(hyperparameters["batch_size"]), len(train))
    per_epoch = len(train) // batch_size
    total, head_steps = per_epoch * int(hyperparameters["epochs"]), per_epoch * int(hyperparameters.get("head_epochs", 0))
    run = {"seed": seed, "hyperparameters": dict(hyperparameters), "device": device.type, "data": hash_split(train), "first": first}
    checkpoint = Checkpoint(find_file("densenet"), run, {"network": network, "optimizer": optimizer, "scaler": scaler})
    done = checkpoint.resume()
    progress(done, total, f"resumes on {device.type}" if done else f"starts on {device.type}, weights {first}")
    for step in range(done, total):
        if step % per_epoch == 0:
            order = torch.randperm(len(train)).numpy()
        _set_learning(network, is_all=step >= head_steps)
        for group in optimizer.param_groups:
            group["lr"] = compute_learning_rate(float(hyperparameters["learning_rate"]), step, total)
        chosen = np.sort(order[step % per_epoch * batch_size :][:batch_size])
        images, labels = (torch.from_numpy(array).to(device) for array in (train.inputs[chosen], train.targets[chosen].astype(np.int64)))
        # Not every GPU has bfloat16, and float16 needs the scaler.
        with torch.autocast("cuda", dtype=torch.float16) if scaler.is_enabled() else use_bfloat16(device):
            logits = network(_augment(images, shrink))
        loss = functional.cross_entropy(logits.float(), labels, label_smoothing=float(hyperparameters["label_smoothing"]))
        optimizer.zero_grad()
        scaler.scale(loss).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        scaler.step(optimizer)
        scaler.update()
        if (step + 1) % per_epoch == 0:
            checkpoint.save(step + 1)
        progress(step + 1, total, f"loss {loss.item():.3f} on {device.type}")
    return network


def _set_learning(network: DenseNet, *, is_all: bool) -> None:
    """Let all weights learn, or the classifier's alone; the features then keep their statistics too."""
    network.train()
    network.features.train(is_all)
    network.features.requires_grad_(is_all)


def _augment(images: Tensor, shrink: int) -> Tensor:
    """Return uint8 images as the network sees them, changed at random."""
    return center(augment_photos(scale(images, shrink)), is_grey=images.ndim == 3).contiguous(memory_format=torch.channels_last)


class FittedDenseNet:
    """The trained network.

    Args:    shape: of an instance.
             is_half: whether its weights are numbers of 16 bits, and are stored so.
             described: what the manifest says of how it was made.
    """

    thresholds = None  # it does not know how far its answers can be trusted

    def __init__(self, model: FromColors, shape: tuple[int, ...], *, is_half: bool, described: Mapping[str, object]) -> None:
        self._model, self._shape, self._is_half, self.described = model.eval(), shape, is_half, described
        self.sharpness = model.sharpness

    def predict(self, images: UInt8) -> Float32:
        """Return the probabilities, [N, classes]."""
        return _predict(self._model, images)

    def to_onnx(self) -> bytes:
        """Return the graph with its normalisation and softmax inside."""
        return export(self._model, self._shape, is_half=self._is_half)


def _measure_accuracy(model: FromColors, split: Split) -> float:
    return round(float((_predict(model, split.inputs).argmax(1) == split.targets).mean()), 5)


def _predict(model: nn.Module, images: Array) -> Float32:
    """Return the probabilities of uint8 images, a few at a time."""
    model.eval()
    with torch.inference_mode():
        parts = [model(torch.tensor(images[at : at + CHUNK])) for at in range(0, len(images), CHUNK)]
    result: Float32 = torch.cat(parts).numpy()
    return result
