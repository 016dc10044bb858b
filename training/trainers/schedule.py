"""How a network learns: its optimizer, how fast at each step, and the running average of its weights."""

import math

import torch
from torch import nn

from training.trainers import Hyperparameters

WARM_UP_STEPS = 400


def compute_learning_rate(peak: float, step: int, total: int) -> float:
    """Warm up, hold for a tenth of the run, then fall along a cosine."""
    done = step / total
    if done < 0.1:
        return peak * min(1.0, (step + 1) / min(WARM_UP_STEPS, 0.1 * total))
    return max(1e-6, peak * 0.5 * (1 + math.cos(math.pi * (done - 0.1) / 0.9)))


@torch.no_grad()
def update_average(average: nn.Module, model: nn.Module, updates: int, decay: float) -> None:
    """Bring the average nearer to the model; the first updates count more."""
    keep = min(decay, (updates + 1) / (updates + 10))
    for mean, weight in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(weight, 1 - keep)
    for running, statistic in zip(average.buffers(), model.buffers(), strict=True):
        if running.dtype.is_floating_point:
            running.lerp_(statistic, 1 - keep)


def build_optimizer(model: nn.Module, hyperparameters: Hyperparameters) -> torch.optim.Optimizer:
    """Return AdamW with the learning_rate and weight_decay given; biases and normalisations do not decay."""
    return torch.optim.AdamW(
        [
            {"params": [p for p in model.parameters() if p.ndim > 1], "weight_decay": float(hyperparameters["weight_decay"])},
            {"params": [p for p in model.parameters() if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=float(hyperparameters["learning_rate"]),
        betas=(0.9, 0.99),
    )
