"""L*a*b* to sRGB with gradients, as the networks have L and ab: L / 50 - 1 and ab / 110."""

import torch
from torch import Tensor

XYZ_OF_RGB = (
    (0.412453, 0.357580, 0.180423),
    (0.212671, 0.715160, 0.072169),
    (0.019334, 0.119193, 0.950227),
)
WHITE = (0.95047, 1.0, 1.08883)  # D65


def srgb_of(lightness: Tensor, ab: Tensor) -> Tensor:
    """sRGB in [0, 1], [B, 3, H, W], cut off where it ends; L [B, 1, H, W], ab [B, 2, H, W]."""
    fy = ((lightness + 1) * 50 + 16) / 116
    fx = fy + ab[:, :1] * 110 / 500
    fz = fy - ab[:, 1:] * 110 / 200
    f = torch.cat([fx, fy, fz], dim=1).clamp(min=0)
    line = (f - 16 / 116) / 7.787
    xyz = torch.where(f > 0.008856 ** (1 / 3), f**3, line)
    matrix = torch.tensor(XYZ_OF_RGB, dtype=torch.float64)
    matrix = torch.linalg.inv(matrix / torch.tensor(WHITE, dtype=torch.float64)[:, None])
    linear = torch.einsum("rc,bchw->brhw", matrix.to(f), xyz).clamp(0, 1)
    curve = 1.055 * linear.clamp(min=0.0031308) ** (1 / 2.4) - 0.055
    return torch.where(linear > 0.0031308, curve, 12.92 * linear)
