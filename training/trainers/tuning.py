"""The second part of training the network: it learns what is no digit, and forgets nothing."""

import copy
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.dataset import Split
from training.drawings.arrays import draw_arrays
from training.drawings.sets import draw_digits, draw_looks, draw_non_digits, draw_sent
from training.trainers import Hyperparameters, Progress, UInt8
from training.trainers.augment import augment
from training.trainers.network import JudgingNetwork, Network
from training.trainers.precision import use_bfloat16
from training.trainers.schedule import compute_learning_rate, update_average

# Of each batch.
DIGITS = (88, 40, 24, 24)  # MNIST's own, the same as users send them, drawn ones, those with other looks
OTHERS, ARRAYS = 40, 8
KNOWN = sum(DIGITS[:3])  # of these the network as it was knows the answers
JUDGE_FASTER = 10  # its weights begin at random, the others near their end
JUDGE_WEIGHT = 0.5
OLD_SHARE = 0.7  # of what a digit should be answered is what the network answered before; the rest is its label
EMA_DECAY = 0.995
RETURNED = 0.2  # of the way that tuning moved the weights


def tune(network: Network, train: Split, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> JudgingNetwork:
    """Return the network with features and a head that know what is no digit: the running average of the weights.

    On digits the network as it was teaches the new one beside the labels. The normalisations keep their statistics, for what is no digit is
    not what people send. The weights then go a fifth of the way back.

    Then the second head alone learns what the features are there.

    Args:    hyperparameters: tune_steps, tune_learning_rate, judge_steps, sent_digits, drawn_digits, drawn_looks, drawn_others,
             drawn_arrays, weight_decay, label_smoothing, and added_to_one, by which the logit of 1 is raised.
    Source:  Li and Hoiem, Learning without Forgetting, 2016; Menon et al., Long-tail learning via logit adjustment, 2021.
    """
    sent = draw_sent(train, int(hyperparameters["sent_digits"]), seed=seed, progress=progress)
    drawn = draw_digits(train, int(hyperparameters["drawn_digits"]), seed=seed, progress=progress)
    looks = draw_looks(train, int(hyperparameters["drawn_looks"]), seed=seed, progress=progress)
    others = draw_non_digits(train, int(hyperparameters["drawn_others"]), seed=seed, progress=progress)
    arrays = draw_arrays(int(hyperparameters["drawn_arrays"]), seed=seed)
    batches = Batches((train, sent, drawn, looks), others, arrays, next(network.parameters()).device)
    tuned = tune_on(network, batches, hyperparameters, seed=seed, progress=progress)
    return_towards(tuned.network, network)
    # Among what people write there are more ones with an upstroke than in MNIST, whose sevens they look like.
    with torch.no_grad():
        tuned.network.classify.bias[1] += float(hyperparameters["added_to_one"])
    return fit_judge(tuned, batches, hyperparameters, seed=seed, progress=progress)


@torch.no_grad()
def return_towards(tuned: Network, before: Network) -> None:
    """Move the weights a part of the way back to what they were, where MNIST's own digits are read better.

    Source:  Wortsman et al., Robust fine-tuning of zero-shot models, 2022.
    """
    for weight, old in zip(tuned.parameters(), before.parameters(), strict=True):
        weight.lerp_(old, RETURNED)


class Batches:
    """What each step of tuning sees: digits and pictures that are none, changed at random, and arrays without strokes as they are.

    Args:    digits: the sources of `DIGITS`, in its order.
    """

    def __init__(self, digits: Sequence[Split], others: UInt8, arrays: UInt8, device: torch.device) -> None:
        self._sources = [torch.tensor(source, device=device) for source in (*(split.inputs for split in digits), others, arrays)]
        self._labels = [torch.from_numpy(split.targets.astype("int64")).to(device) for split in digits]
        self.is_digit = torch.cat([torch.ones(sum(DIGITS)), torch.zeros(OTHERS + ARRAYS)]).to(device)

    def draw(self) -> tuple[Tensor, Tensor]:
        """Return a batch of float images [N, 1, 28, 28], and the labels of those that are digits, which come first."""
        chosen = [torch.randint(len(source), (n,)) for source, n in zip(self._sources, (*DIGITS, OTHERS, ARRAYS), strict=True)]
        images = torch.cat([source[at] for source, at in zip(self._sources, chosen, strict=True)]).float().div_(255)[:, None]
        images = torch.cat([augment(images[:-ARRAYS]), images[-ARRAYS:]])
        labels = torch.cat([each[at] for each, at in zip(self._labels, chosen[: len(DIGITS)], strict=True)])
        return images.to(memory_format=torch.channels_last), labels


def tune_on(network: Network, batches: Batches, hyperparameters: Hyperparameters, *, seed: int, progress: Progress) -> JudgingNetwork:
    """Return the network tuned on these; see `tune`. The one that is given stays as it is."""
    torch.manual_seed(seed)
    teacher = copy.deepcopy(network).eval()
    model = JudgingNetwork(copy.deepcopy(network)).to(next(network.parameters()).device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub forgot it
    average: JudgingNetwork = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(
        [{"params": model.network.parameters()}, {"params": model.judge.parameters()}],
        weight_decay=float(hyperparameters["weight_decay"]),
        betas=(0.9, 0.99),
    )
    total, peak = int(hyperparameters["tune_steps"]), float(hyperparameters["tune_learning_rate"])
    smoothing = float(hyperparameters["label_smoothing"])
    for step in range(total):
        _train_heads(model)
        rate = compute_learning_rate(peak, step, total)
        for group, factor in zip(optimizer.param_groups, (1, JUDGE_FASTER), strict=True):
            group["lr"] = factor * rate
        images, labels = batches.draw()
        with use_bfloat16(images.device):
            logits, judged = (found.float() for found in model(images))
            with torch.no_grad():
                old_answers = teacher(images[:KNOWN]).float().softmax(1)
        digits = logits[: len(labels)]
        loss = OLD_SHARE * functional.cross_entropy(digits[:KNOWN], old_answers)
        loss = loss + (1 - OLD_SHARE) * functional.cross_entropy(digits, labels, label_smoothing=smoothing)
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
