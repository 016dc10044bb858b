"""Random augmentation of photos: mirrored, nearer or farther, moved, turned a little, in another light, or in grey."""

import torch
from torch import Tensor
from torch.nn import functional

TURN, ZOOM, SHIFT, LIGHT, CONTRAST = 0.17, 0.25, 0.12, 0.15, 0.25  # radians, and shares
DARKEST, BRIGHTEST, GREY_SHARE = 0.7, 1.2, 0.1


def augment_photos(images: Tensor) -> Tensor:
    """Return float images [N, channels, height, width] in 0-1 changed at random, each in its own way; outside, they go on mirrored."""
    n, device = len(images), images.device

    def draw(*shape: int) -> Tensor:
        return torch.rand(n, *shape, device=device) * 2 - 1

    angle, zoom = draw() * TURN, 1 + draw() * ZOOM
    mirror = torch.where(torch.rand(n, device=device) < 0.5, -1.0, 1.0)
    cosine, sine = angle.cos() * zoom, angle.sin() * zoom
    affine = torch.stack([torch.stack([cosine * mirror, -sine], 1), torch.stack([sine * mirror, cosine], 1)], 1)
    moves = torch.cat([affine, (draw(2) * SHIFT)[:, :, None]], 2)
    grid = functional.affine_grid(moves, list(images.shape), align_corners=False)
    moved = functional.grid_sample(images, grid.to(images.dtype), padding_mode="reflection", align_corners=False)
    grey = torch.rand(n, 1, 1, 1, device=device) < GREY_SHARE
    seen = torch.where(grey, moved.mean(1, keepdim=True), moved)
    lit = seen * (DARKEST + (BRIGHTEST - DARKEST) * torch.rand(n, 1, 1, 1, device=device))
    means = lit.mean((1, 2, 3), keepdim=True)
    return ((lit - means) * (1 + draw(1, 1, 1) * CONTRAST) + means + draw(1, 1, 1) * LIGHT).clamp(0, 1)
