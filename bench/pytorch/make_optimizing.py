"""Writes what PyTorch's schedulers and gradient clipping give, for the tests of Tinct's own.

    python3 make_optimizing.py ../../tests/testdata/optimizing/expected.json

Rates are written as shares of the base rate, one an epoch or step, before it is trained. The metric
of the plateaus is made up: it rises, stalls, and gains a little less or more than the threshold.
"""

import json
import math
import sys

import torch
from torch.optim import lr_scheduler


def optimizer(rate=1.0):
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)


def rates(make, count):
    """The rate before each of `count` calls of the scheduler's step."""
    moved = optimizer()
    scheduler = make(moved)
    out = []
    for _ in range(count):
        out.append(moved.param_groups[0]["lr"])
        moved.step()
        scheduler.step()
    return out


def pix2pix(epochs, full):
    """get_scheduler() of junyanz/pytorch-CycleGAN-and-pix2pix, lr_policy "linear", epoch_count 1."""
    decay = epochs - full

    def rule(epoch):
        return 1.0 - max(0, epoch + 1 - full) / float(decay + 1)

    return lambda moved: lr_scheduler.LambdaLR(moved, lr_lambda=rule)


def plateau(values, mode, patience, factor, lowest):
    """The rate after each value."""
    moved = optimizer()
    scheduler = lr_scheduler.ReduceLROnPlateau(
        moved, mode=mode, patience=patience, factor=factor, min_lr=lowest
    )
    out = []
    for value in values:
        moved.step()
        scheduler.step(value)
        out.append(moved.param_groups[0]["lr"])
    return {
        "values": values,
        "direction": "higher" if mode == "max" else "lower",
        "lrPatience": patience,
        "lrGamma": factor,
        "lrMin": lowest,
        "factors": out,
    }


def clipped(norm, max_norm):
    """clip_grad_norm_ of two gradients whose global norm is `norm`."""
    shapes = [(3, 4), (5,)]
    gradients = [
        torch.tensor([math.sin(1 + i + 10 * n) for i in range(math.prod(shape))]).reshape(shape)
        for n, shape in enumerate(shapes)
    ]
    scale = norm / torch.sqrt(sum((g**2).sum() for g in gradients))
    parameters = [torch.zeros(shape, requires_grad=True) for shape in shapes]
    for parameter, gradient in zip(parameters, gradients):
        parameter.grad = gradient * scale
    given = [p.grad.flatten().tolist() for p in parameters]
    total = torch.nn.utils.clip_grad_norm_(parameters, max_norm).item()
    return {
        "clipNorm": max_norm,
        "shapes": shapes,
        "gradients": given,
        "norm": total,
        "clipped": [p.grad.flatten().tolist() for p in parameters],
    }


rising = [10 + 5 * (1 - 0.5**i) for i in range(6)]
stalled = [rising[-1] * (1 + 2e-4 * (-1) ** i / (1 + i)) for i in range(8)]
small_gains = [rising[-1] * (1 + 0.9e-4 * (i + 1)) for i in range(6)]
metric = rising + stalled + small_gains + [14.0] * 9

expected = {
    "made": f"bench/pytorch/make_optimizing.py with PyTorch {torch.__version__}",
    "linear": [
        {"epochs": e, "lrDecayEpoch": f, "factors": rates(pix2pix(e, f), e)}
        for e, f in [(10, 4), (8, 1), (5, 4), (200, 100)]
    ],
    "step": [
        {
            "lrStepEpochs": size,
            "lrGamma": gamma,
            "factors": rates(lambda m: lr_scheduler.StepLR(m, step_size=size, gamma=gamma), 12),
        }
        for size, gamma in [(3, 0.5), (1, 0.9), (50, 0.1)]
    ],
    "cosine": [
        {
            "totalSteps": total,
            "lrMin": lowest,
            "factors": rates(
                lambda m: lr_scheduler.CosineAnnealingLR(m, T_max=total, eta_min=lowest), total
            ),
        }
        for total, lowest in [(7, 0.0), (20, 0.1), (1, 0.5)]
    ],
    "warmup": [
        {
            "lrWarmupSteps": n,
            "factors": rates(
                lambda m: lr_scheduler.LambdaLR(m, lr_lambda=lambda t: min(1.0, (t + 1) / n)), 8
            ),
        }
        for n in [1, 5, 100]
    ],
    "plateau": [
        plateau(metric, "max", 2, 0.5, 0.0),
        plateau(metric, "max", 0, 0.1, 0.05),
        plateau([30 - v for v in metric], "min", 3, 0.2, 0.0),
    ],
    "clipping": [clipped(*case) for case in [(10.0, 1.0), (0.5, 1.0), (1.0, 1.0), (3000.0, 0.25)]],
}

with open(sys.argv[1], "w") as file:
    json.dump(expected, file, indent=1)
    file.write("\n")
