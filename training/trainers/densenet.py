"""DenseNet in PyTorch, with the names that torchvision's published weights have; the graph of one reads raw bytes of colour.

Source:  Huang et al., Densely Connected Convolutional Networks, 2017.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from recipes.errors import InvalidArtifact

BOTTLENECK = 4  # times the growth: what a layer sees its input reduced to
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's colours in 0-1, which published weights expect

_MEAN, _STD = torch.tensor(MEAN), torch.tensor(STD)


@dataclass(frozen=True, slots=True)
class Size:
    """How large a network is: what each layer adds, how many layers each block has, what the first convolution gives, and of what size."""

    growth: int
    blocks: tuple[int, ...]
    first: int
    shrink: int = 1  # the picture is made so many times smaller first


SIZES = {"densenet121": Size(32, (6, 12, 24, 16), 64), "densenet_small": Size(12, (3, 4, 5, 4), 24, shrink=4)}


class DenseNet(nn.Module):
    """Logits [N, classes] of normalised float images [N, channels, height, width].

    Args:    channels: 3 of colours, 1 of grey.
    """

    def __init__(self, size: Size, classes: int, channels: int = 3) -> None:
        super().__init__()
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        parts["conv0"] = nn.Conv2d(channels, size.first, 7, stride=2, padding=3, bias=False)
        parts["norm0"], parts["relu0"] = nn.BatchNorm2d(size.first), nn.ReLU(inplace=True)
        parts["pool0"] = nn.MaxPool2d(3, stride=2, padding=1)
        width = size.first
        for place, layers in enumerate(size.blocks, start=1):
            parts[f"denseblock{place}"] = DenseBlock(width, size.growth, layers)
            width += layers * size.growth
            if place < len(size.blocks):
                parts[f"transition{place}"] = _build_transition(width)
                width //= 2
        parts["norm5"] = nn.BatchNorm2d(width)
        self.features = nn.Sequential(parts)
        self.classifier = nn.Linear(width, classes)
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_normal_(part.weight)

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits."""
        found = functional.relu(self.features(images), inplace=True)
        logits: Tensor = self.classifier(functional.adaptive_avg_pool2d(found, 1).flatten(1))
        return logits


class DenseBlock(nn.Module):
    """Layers that each see what all before them gave."""

    def __init__(self, width: int, growth: int, layers: int) -> None:
        super().__init__()
        for place in range(layers):
            self.add_module(f"denselayer{place + 1}", DenseLayer(width + place * growth, growth))

    def forward(self, images: Tensor) -> Tensor:
        """Return the images and what each layer adds to them, along the channels."""
        found = [images]
        for layer in self.children():
            found.append(layer(torch.cat(found, 1)))
        return torch.cat(found, 1)


class DenseLayer(nn.Module):
    """Normalise, ReLU and convolve, twice: to the bottleneck, and to the growth."""

    def __init__(self, width: int, growth: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.BatchNorm2d(width), nn.Conv2d(width, BOTTLENECK * growth, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(BOTTLENECK * growth), nn.Conv2d(BOTTLENECK * growth, growth, 3, padding=1, bias=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return what it adds."""
        reduced = self.conv1(functional.relu(self.norm1(images), inplace=True))
        added: Tensor = self.conv2(functional.relu(self.norm2(reduced), inplace=True))
        return added


def _build_transition(width: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(width),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(width, width // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, stride=2),
        )
    )


class FromColors(nn.Module):
    """What ships: the probabilities [N, classes] of uint8 pixels [N, height, width, 3], or [N, height, width] of grey.

    Args:    sharpness: one over the temperature.
             shrink: a picture is made so many times smaller first.
    """

    def __init__(self, network: DenseNet, sharpness: float = 1.0, shrink: int = 1) -> None:
        super().__init__()
        self.network, self.sharpness, self.shrink = network, sharpness, shrink

    def forward(self, pixels: Tensor) -> Tensor:
        """Return the probabilities."""
        return torch.softmax(self.network(normalize(pixels, self.shrink)) * self.sharpness, 1)


def normalize(pixels: Tensor, shrink: int = 1) -> Tensor:
    """Return uint8 pixels [N, height, width, 3] or [N, height, width] as the network sees them: as ImageNet's, with the channels first."""
    return center(scale(pixels, shrink), is_grey=pixels.ndim == 3)


def scale(pixels: Tensor, shrink: int = 1) -> Tensor:
    """Return uint8 pixels as floats in 0-1, the channels first, so many times smaller."""
    colors = pixels.unsqueeze(1) if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
    images = colors.to(torch.float32) / 255
    return functional.avg_pool2d(images, shrink) if shrink > 1 else images


def center(images: Tensor, *, is_grey: bool) -> Tensor:
    """Return images in 0-1 with the mean and the deviation that ImageNet's have when they are normalised."""
    if is_grey:
        return (images - sum(MEAN) / 3) / (sum(STD) / 3)
    mean, std = (values.to(images.device)[:, None, None] for values in (_MEAN, _STD))
    return (images - mean) / std


def load_weights(network: DenseNet, weights: Mapping[str, Tensor]) -> bool:
    """Copy published weights into a network, and return whether its classifier's were among them: one of other classes stays as it is.

    Args:    weights: a state_dict with torchvision's names, or with those of its first files, `norm.1` for `norm1`.
    Raises:  InvalidArtifact: they are of another network.
    """
    named = {re.sub(r"(denselayer\d+\.(?:norm|conv))\.([12])\.", r"\1\2.", name): value for name, value in weights.items()}
    own = network.state_dict()
    fits = "classifier.weight" in named and named["classifier.weight"].shape == own["classifier.weight"].shape
    given = {name: value for name, value in named.items() if fits or not name.startswith("classifier.")}
    expected = {name: value for name, value in own.items() if fits or not name.startswith("classifier.")}
    # The first published files have no counts of batches.
    for name in expected.keys() - given.keys():
        if name.endswith("num_batches_tracked"):
            given[name] = expected[name]
    wrong = sorted(expected.keys() ^ given.keys()) or [name for name in expected if expected[name].shape != given[name].shape]
    if wrong:
        raise InvalidArtifact(
            f"the weights are of another network: {wrong[0]} and {len(wrong) - 1} more differ",
            advice="Name a file of torchvision's densenet121, or leave the weights out.",
        )
    network.load_state_dict(given, strict=False)
    return fits
