"""Times PyTorch's training step and inference, one JSON line a measurement.

    python step.py --batch 1 --layout channels_last                # training step and inference
    python step.py --mode train --precision bfloat16 --compile     # autocast, torch.compile
    python step.py --mode start                                    # process start to first step
    python step.py --generator resnet18 --batch 1 4                # a dynamic U-Net
    python step.py --device gpu --batch 1 16 64 --precision tf32   # on an NVIDIA GPU

A line is {"name", "batch", "precision", "ms": [...]} and says which library, layout and number of
threads it was measured with. `name` is `train_step` (a whole step of both networks on a batch),
`inference` (one forward pass of a batch in evaluation mode) or `start_to_first_step` (from the
start of the process to the end of the first training step). Needs torch.
"""

import argparse
import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Callable

import torch

import ddcolor
import dynamic_unet
from ddcolor import Ddcolor
from dynamic_unet import DECODER_NORMS, DynamicUnet
from model import Discriminator, Generator, initialize
from trainer import Trainer


def process_age_ms() -> float:
    """Milliseconds since the kernel started this process; Linux only, to 10 ms."""
    # Field 22 counts from after the command's name, which is in parentheses and may hold spaces.
    fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - started_s) * 1000


def time_ms(
    call: Callable[[], object], warmup: int, repeat: int, finish: Callable[[], object]
) -> list[float]:
    """The time of each of `repeat` calls, after `warmup` calls that are not counted.

    `finish` waits for what a call has begun: a GPU computes on by itself.
    """
    times = []
    for index in range(warmup + repeat):
        start = time.perf_counter()
        call()
        finish()
        if index >= warmup:
            times.append(round((time.perf_counter() - start) * 1000, 2))
    return times


def main() -> int:
    parser = argparse.ArgumentParser(description="Time PyTorch's training step and inference.")
    parser.add_argument("--mode", choices=("train", "inference", "both", "start"), default="both")
    parser.add_argument("--batch", type=int, nargs="+", default=[1], help="one or several")
    parser.add_argument("--size", type=int, default=256, help="side of the pictures, pixels")
    parser.add_argument("--layout", choices=("default", "channels_last"), default="channels_last")
    parser.add_argument("--precision", choices=("float32", "tf32", "bfloat16"), default="float32")
    parser.add_argument("--device", choices=("cpu", "gpu"), default="cpu")
    parser.add_argument("--compile", action="store_true", help="compile both networks")
    parser.add_argument("--warmup", type=int, default=3, help="calls that are not counted")
    parser.add_argument("--repeat", type=int, default=10, help="calls that are")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--generator",
        choices=("unet", *dynamic_unet.BLOCKS, "ddcolor-tiny"),
        default="unet",
        help="default: unet",
    )
    parser.add_argument("--decoder-norm", choices=DECODER_NORMS, default="none")
    parser.add_argument("--n-down", type=int, default=8)
    parser.add_argument("--ngf", type=int, default=64)
    parser.add_argument("--ndf", type=int, default=64)
    given = parser.parse_args()

    gpu = given.device == "gpu"
    if gpu and not torch.cuda.is_available():
        print(f"PyTorch {torch.__version__} finds no GPU.", file=sys.stderr)
        return 1
    device = torch.device("cuda" if gpu else "cpu")
    # PyTorch rounds convolutions to TensorFloat-32 unless told otherwise, products only if told so.
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = (
        given.precision != "float32"
    )
    finish = torch.cuda.synchronize if gpu else lambda: None
    torch.set_num_threads(given.threads)
    torch.manual_seed(1)
    layout = torch.channels_last if given.layout == "channels_last" else torch.contiguous_format
    bfloat16 = given.precision == "bfloat16"
    if given.generator == "unet":
        made: Generator | DynamicUnet | Ddcolor = Generator(given.n_down, given.ngf)
        initialize(made, "norm", 0.02)
    elif given.generator == "ddcolor-tiny":
        made = Ddcolor(given.ngf)
        ddcolor.initialize(made)
    else:
        made = DynamicUnet(given.generator, given.ngf, given.decoder_norm)
        dynamic_unet.initialize(made)
    judge = Discriminator(given.ndf)
    initialize(judge, "norm", 0.02)
    networks = (made, judge)
    for network in networks:
        network.to(device=device, memory_format=layout)
        if given.compile:
            network.compile()
    generator, discriminator = networks
    trainer = Trainer(generator, discriminator)
    step = trainer.step

    def report(name: str, batch: int, ms: list[float]) -> None:
        line = {"name": name, "batch": batch, "precision": given.precision, "ms": ms}
        line |= {
            "library": f"PyTorch {torch.__version__}",
            "generator": given.generator,
            "layout": given.layout,
            "compiled": given.compile,
            "threads": given.threads,
            "device": torch.cuda.get_device_name() if gpu else "cpu",
            # The most that this process has had so far; Linux counts in KiB.
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6),
        }
        print(json.dumps(line), flush=True)

    for batch in given.batch:
        lightness = torch.rand(batch, 1, given.size, given.size) * 2 - 1
        ab = torch.rand(batch, 2, given.size, given.size) * 2 - 1
        lightness = lightness.to(device).contiguous(memory_format=layout)
        ab = ab.to(device).contiguous(memory_format=layout)
        if given.mode == "start":
            step(lightness, ab, bfloat16)
            finish()
            report("start_to_first_step", batch, [round(process_age_ms(), 1)])
            break  # a process starts once
        if given.mode in ("train", "both"):
            generator.train()
            times = time_ms(
                lambda: step(lightness, ab, bfloat16), given.warmup, given.repeat, finish
            )
            report("train_step", batch, times)
        if given.mode in ("inference", "both"):
            generator.eval()
            with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
                times = time_ms(lambda: generator(lightness).cpu(), given.warmup, given.repeat, finish)
            report("inference", batch, times)
    return 0


if __name__ == "__main__":
    sys.exit(main())
