"""A small convolutional network: 112,698 parameters, six convolutions, 454 kB as ONNX; with its second head 131,195, in bytes 228 kB."""

import copy
import os

# Two threads that spin while they wait slow each other down.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.dataset import Split
from recipes.recipe import Recipe
from recipes.thresholds import Thresholds
from training.drawings.sets import draw_digits, draw_non_digits
from training.trainers import Float32, Hyperparameters, Progress, UInt8, require_grey
from training.trainers.augment import augment
from training.trainers.calibration import choose_thresholds, fit_sharpness
from training.trainers.checkpoint import Checkpoint, find_file, hash_split
from training.trainers.network import SIDE, FromPixels, JudgingFromPixels, JudgingNetwork, Network, export, read_network
from training.trainers.precision import use_bfloat16
from training.trainers.schedule import build_optimizer, compute_learning_rate, update_average
from training.trainers.tuning import tune

EMA_EVERY, EMA_DECAY = 5, 0.99
CHUNK = 500


def fit(
    recipe: Recipe,
    train: Split,
    validation: Split,
    hyperparameters: Hyperparameters,
    *,
    seed: int,
    progress: Progress,
    start: bytes | None = None,
    first: "FittedCnn | None" = None,
) -> "FittedCnn":
    """Train the network, and, if `tune_steps` is given, tune it with a head that knows what is no digit, and calibrate both.

    On CUDA if there is one. The validation split is only measured on: for the temperature, and for the thresholds of trust.

    Args:    hyperparameters: those of `train_network`; to tune, those of `tune` as well.
             start: an exported graph of this network; its weights stand for the first part of training.
             first: the network trained on one split, where this one is trained on both: its calibration is kept.
    """
    require_grey(recipe, SIDE, "the trainer cnn")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = read_network(start).to(device) if start else train_network(train, hyperparameters, seed=seed, progress=progress)
    if not hyperparameters.get("tune_steps"):
        return FittedCnn(FromPixels(network.cpu()))
    tuned = tune(network, train, hyperparameters, seed=seed, progress=progress).cpu().eval()
    if first is not None:
        return FittedCnn(JudgingFromPixels(tuned, first.sharpness), first.thresholds)
    # Other pictures than those it was fitted on: of other digits, drawn with another seed.
    others = draw_non_digits(validation, max(200, len(validation) // 4), seed=seed + 1)
    return calibrate(tuned, validation, others)


def calibrate(tuned: JudgingNetwork, validation: Split, others: UInt8) -> "FittedCnn":
    """Return the network with its temperature and its thresholds.

    Args:    others: pictures that are no digits.
    """
    logits = np.log(FittedCnn(JudgingFromPixels(tuned, 1.0)).predict(validation.inputs))
    model = JudgingFromPixels(tuned, fit_sharpness(logits, validation.targets))
    fitted = FittedCnn(model)
    probabilities, trust = fitted.judge(validation.inputs)
    right = probabilities.argmax(1) == validation.targets
    return FittedCnn(model, Thresholds(**choose_thresholds(trust, right, fitted.judge(others)[1])))


def train_network(train: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> Network:
    """Train with AdamW, a cosine schedule, label smoothing and augmentation; return the running average of the weights.

    If INFERSTACK_CHECKPOINT_DIR names a folder, each epoch ends with a checkpoint there, and an interrupted run goes on from it.

    Args:    hyperparameters: epochs, width, batch_size, learning_rate, weight_decay, label_smoothing; drawn_in_batch, the digits drawn by
                 code that each batch has beside its own, chosen from drawn_digits of them; left out, there are none.
    """
    drawn_in_batch = int(hyperparameters.get("drawn_in_batch", 0))
    drawn = draw_digits(train, int(hyperparameters["drawn_digits"]), seed=seed, progress=progress) if drawn_in_batch else train.head(0)
    torch.manual_seed(seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    images, labels = _load(train, device)
    drawn_images, drawn_labels = _load(drawn, device)
    model = Network(int(hyperparameters["width"])).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub forgot it
    average: Network = copy.deepcopy(model).eval()
    optimizer = build_optimizer(model, hyperparameters)
    batch_size = min(int(hyperparameters["batch_size"]), len(labels))
    per_epoch = len(labels) // batch_size
    total = per_epoch * int(hyperparameters["epochs"])
    checkpoint = Checkpoint(
        find_file("cnn"),
        {"seed": seed, "hyperparameters": dict(hyperparameters), "device": device.type, "data": hash_split(train)},
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
            group["lr"] = compute_learning_rate(float(hyperparameters["learning_rate"]), step, total)
        added = torch.randint(len(drawn), (drawn_in_batch,)) if drawn_in_batch else chosen[:0]
        batch = augment(torch.cat([images[chosen], drawn_images[added]])).to(memory_format=torch.channels_last)
        answers = torch.cat([labels[chosen], drawn_labels[added]])
        with use_bfloat16(device):
            logits = model(batch).float()
        loss = functional.cross_entropy(logits, answers, label_smoothing=float(hyperparameters["label_smoothing"]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        if (step + 1) % EMA_EVERY == 0:
            update_average(average, model, (step + 1) // EMA_EVERY, EMA_DECAY)
        epoch_ends = (step + 1) % per_epoch == 0
        if epoch_ends:
            checkpoint.save(step + 1)
        if step % 50 == 0 or epoch_ends:
            progress(step + 1, total, f"loss {loss.item():.3f} on {device.type}")
    return average


class FittedCnn:
    """The trained network.

    Args:    model: what ships.
             thresholds: of its trust, if it has one.
    """

    def __init__(self, model: FromPixels | JudgingFromPixels, thresholds: Thresholds | None = None) -> None:
        self._model, self.thresholds = model.eval(), thresholds
        self.sharpness = getattr(model, "sharpness", 1.0)

    def predict(self, images: UInt8) -> Float32:
        """Return the probabilities, [N, 10]."""
        found = _run(self._model, images)
        result: Float32 = found[0].numpy()
        return result

    def judge(self, images: UInt8) -> tuple[Float32, Float32]:
        """Return the probabilities [N, 10] and the trust [N]."""
        probabilities, trust = _run(self._model, images)
        return probabilities.numpy(), trust.numpy()

    def to_onnx(self) -> bytes:
        """Return the graph with its scaling and softmax inside."""
        return export(self._model)


def _run(model: nn.Module, images: UInt8) -> tuple[Tensor, ...]:
    """Return a model's outputs for uint8 [N, 28, 28], a few images at a time."""
    parts = []
    with torch.inference_mode():
        for at in range(0, len(images), CHUNK):
            found = model(torch.from_numpy(images[at : at + CHUNK].copy()))
            parts.append(found if isinstance(found, tuple) else (found,))
    return tuple(torch.cat(output) for output in zip(*parts, strict=True))


def _load(split: Split, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the images as floats [N, 1, 28, 28] in 0-1, and their labels."""
    images = torch.tensor(split.inputs).to(device).float().div_(255)[:, None]
    return images, torch.from_numpy(split.targets.astype("int64")).to(device)
