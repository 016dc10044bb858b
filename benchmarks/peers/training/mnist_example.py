"""PyTorch's basic MNIST example, written anew with its settings: what most people start from.

Its network, Adadelta with a rate of 1.0 that each epoch multiplies by 0.7, batches of 64, no augmentation, 14 epochs. It has its data as
tensors in memory, which the example itself loads and decodes picture by picture: this one is quicker.
"""

import time
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

EPOCHS, BATCH, RATE, DECAY = 14, 64, 1.0, 0.7
MEAN, DEVIATION = 0.1307, 0.3081


def build_network() -> nn.Module:
    return nn.Sequential(
        *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25)),
        *(nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10), nn.LogSoftmax(1)),
    )


def normalize(images: Tensor) -> Tensor:
    """Return uint8 [N, 28, 28] as the example has them, float [N, 1, 28, 28]."""
    return images.float().div_(255).sub_(MEAN).div_(DEVIATION)[:, None]


def train(images: Tensor, labels: Tensor, *, seed: int, ends_s: float) -> Iterator[tuple[float, nn.Module]]:
    """Yield the share of each epoch's end that is reached, in epochs, and the network: after each, and once more when the time is over.

    Args:    ends_s: on the clock of time.perf_counter.
    """
    torch.manual_seed(seed)
    inputs, network = normalize(images), build_network()
    optimizer = torch.optim.Adadelta(network.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=DECAY)
    for epoch in range(EPOCHS):
        network.train()
        for number, chosen in enumerate(torch.randperm(len(labels)).split(BATCH)):
            if time.perf_counter() > ends_s:
                yield epoch + number * BATCH / len(labels), network
                return
            optimizer.zero_grad()
            functional.nll_loss(network(inputs[chosen]), labels[chosen]).backward()
            optimizer.step()
        yield epoch + 1, network
        schedule.step()


def predict(network: nn.Module, images: Tensor) -> Tensor:
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(normalize(part)).argmax(1) for part in images.split(1000)])
