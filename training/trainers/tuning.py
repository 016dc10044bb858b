"""The second part of training the network: digits that MNIST has few of, and what is no digit, drawn by code."""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.dataset import Split
from training.drawings.sets import draw_digits, draw_non_digits
from training.trainers import Hyperparameters, Progress, UInt8
from training.trainers.augment import augment
from training.trainers.network import JudgingNetwork, Network
from training.trainers.schedule import compute_learning_rate, update_average

# Of each batch.
MNISTS, DRAWN, OTHERS = 72, 24, 40
JUDGE_FASTER = 10  # its weights begin at random, the others near their end
JUDGE_WEIGHT = 0.5
EMA_DECAY = 0.995


def tune(network: Network, train: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> JudgingNetwork:
    """Return the network tuned on drawn digits too, with a head that knows what is no digit: the running average of the weights.

    The normalisations keep their statistics, for most of these pictures are not what people send. The weights go `tune_share` of the way
    from where they began to where they came: in between, the network knows what is new and has forgotten nothing.

    Then the second head alone learns what the features are there.

    Args:    hyperparameters: tune_steps, tune_learning_rate, tune_share, judge_steps, drawn_digits, drawn_others, weight_decay,
                 label_smoothing.
    Source:  Wortsman et al., Robust fine-tuning of zero-shot models, 2022.
    """
    drawn = draw_digits(train, int(hyperparameters["drawn_digits"]), seed=seed, progress=progress)
    others = draw_non_digits(train, int(hyperparameters["drawn_others"]), seed=seed, progress=progress)
    batches = Batches(train, drawn, others, next(network.parameters()).device)
    tuned = tune_on(copy.deepcopy(network), batches, hyperparameters, seed=seed, progress=progress)
    there = go_part_of_the_way(network, tuned, float(hyperparameters["tune_share"]))
    return fit_judge(there, batches, hyperparameters, seed=seed, progress=progress)


class Batches:
    """What each step of tuning sees: MNIST's digits, drawn ones, and pictures that are no digits, changed at random."""

    def __init__(self, train: Split, drawn: Split, others: UInt8, device: torch.device) -> None:
        self._sources = [torch.tensor(source, device=device) for source in (train.inputs, drawn.inputs, others)]
        self._labels = [torch.from_numpy(split.targets.astype("int64")).to(device) for split in (train, drawn)]
        self.is_digit = torch.cat([torch.ones(MNISTS + DRAWN), torch.zeros(OTHERS)]).to(device)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return a batch of float images [N, 1, 28, 28], and the labels of those that are digits, which come first."""
        chosen = [torch.randint(len(source), (n,)) for source, n in zip(self._sources, (MNISTS, DRAWN, OTHERS), strict=True)]
        images = augment(torch.cat([source[at] for source, at in zip(self._sources, chosen, strict=True)]).float().div_(255)[:, None])
        labels = torch.cat([each[at] for each, at in zip(self._labels, chosen[:2], strict=True)])
        return images.to(memory_format=torch.channels_last), labels


@torch.no_grad()
def go_part_of_the_way(start: Network, tuned: JudgingNetwork, share: float) -> JudgingNetwork:
    """Return the tuned network with weights between those it began with and its own; its second head stays."""
    for began, ended in zip(start.parameters(), tuned.network.parameters(), strict=True):
        ended.copy_(torch.lerp(began, ended, share))
    return tuned


def tune_on(network: Network, batches: Batches, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> JudgingNetwork:
    """Return the network tuned on these; see `tune`."""
    torch.manual_seed(seed)
    model = JudgingNetwork(network).to(next(network.parameters()).device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub forgot it
    average: JudgingNetwork = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(
        [{"params": model.network.parameters()}, {"params": model.judge.parameters()}],
        weight_decay=float(hyperparameters["weight_decay"]),
        betas=(0.9, 0.99),
    )
    total, peak = int(hyperparameters["tune_steps"]), float(hyperparameters["tune_learning_rate"])
    for step in range(total):
        _train_heads(model)
        rate = compute_learning_rate(peak, step, total)
        for group, factor in zip(optimizer.param_groups, (1, JUDGE_FASTER), strict=True):
            group["lr"] = factor * rate
        images, labels = batches.draw()
        logits, judged = model(images)
        loss = functional.cross_entropy(logits[: len(labels)], labels, label_smoothing=float(hyperparameters["label_smoothing"]))
        loss = loss + JUDGE_WEIGHT * functional.binary_cross_entropy_with_logits(judged, batches.is_digit)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        update_average(average, model, step + 1, EMA_DECAY)
        if step % 50 == 0 or step + 1 == total:
            progress(step + 1, total, f"loss {loss.item():.3f} with drawn pictures")
    return average


def fit_judge(
    model: JudgingNetwork, batches: Batches, hyperparameters: Hyperparameters, *, seed: int, progress: Progress
) -> JudgingNetwork:
    """Return the network with its second head fitted to its features as they are; the labels stay the same."""
    torch.manual_seed(seed)
    model.eval()
    judge, average = model.judge, copy.deepcopy(model.judge)
    total, peak = int(hyperparameters["judge_steps"]), JUDGE_FASTER * float(hyperparameters["tune_learning_rate"])
    optimizer = torch.optim.AdamW(judge.parameters(), weight_decay=float(hyperparameters["weight_decay"]), betas=(0.9, 0.99))
    for step in range(total):
        optimizer.param_groups[0]["lr"] = compute_learning_rate(peak, step, total)
        images, _ = batches.draw()
        with torch.no_grad():
            found = model.network.extract(images)
        judged = judge(functional.dropout(found, model.network.dropout.p))[:, 0]
        loss = functional.binary_cross_entropy_with_logits(judged, batches.is_digit)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimizer.step()
        update_average(average, judge, step + 1, EMA_DECAY)
        if step % 50 == 0 or step + 1 == total:
            progress(step + 1, total, f"loss {loss.item():.3f} of what is no digit")
    model.judge = average
    return model


def _train_heads(model: JudgingNetwork) -> None:
    model.train()
    for part in model.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.eval()
