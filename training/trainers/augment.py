"""Random augmentation of digits: rotation, shear, scale, shift, elastic bending, and thinner and thicker strokes."""

import math

import torch
from torch import Tensor
from torch.nn import functional

DEGREES, SHEAR, SCALE, SHIFT, ELASTIC = 15, 0.15, 0.15, 0.09, 0.05
THIN_SHARE, THICK_SHARE = 0.2, 0.1


def augment(images: Tensor) -> Tensor:
    """Return float images [N, 1, 28, 28] changed at random, each in its own way."""
    bent = functional.grid_sample(images, _draw_grid(images), align_corners=False)
    pen = torch.rand(len(images), 1, 1, 1, device=images.device)
    # A minimum (maximum) over 2×2 pixels takes (adds) half a pixel on either side of a stroke.
    thinner = -functional.max_pool2d(functional.pad(-bent, (0, 1, 0, 1)), 2, 1)
    thicker = functional.max_pool2d(functional.pad(bent, (0, 1, 0, 1)), 2, 1)
    return torch.where(pen < THIN_SHARE, thinner, torch.where(pen > 1 - THICK_SHARE, thicker, bent))


def _draw_grid(images: Tensor) -> Tensor:
    n, device = len(images), images.device

    def draw_uniform(*shape: int) -> Tensor:
        return torch.rand(n, *shape, device=device) * 2 - 1

    angle = draw_uniform() * DEGREES * math.pi / 180
    scale_x, scale_y, shear = 1 + draw_uniform() * SCALE, 1 + draw_uniform() * SCALE, draw_uniform() * SHEAR
    cosine, sine = angle.cos(), angle.sin()
    affine = torch.empty(n, 2, 3, device=device)
    affine[:, 0, 0], affine[:, 0, 1] = cosine * scale_x, shear - sine * scale_y
    affine[:, 1, 0], affine[:, 1, 1] = sine * scale_x, cosine * scale_y
    affine[:, :, 2] = draw_uniform(2) * SHIFT * 2
    knots = torch.randn(n, 2, 5, 5, device=device) * ELASTIC
    bend = functional.interpolate(knots, size=images.shape[-2:], mode="bicubic", align_corners=True)
    return functional.affine_grid(affine, list(images.shape), align_corners=False) + bend.permute(0, 2, 3, 1)
