"""Makes and replays parity fixtures: short training runs in files, to compare other trainers with.

    python make_parity.py OUT --size 32 --n-down 5 --gan-mode lsgan ...   # writes a fixture
    python make_parity.py OUT --generator resnet18 --ngf 4 --size 64 ...  # of another generator
    python make_parity.py --replay DIR                                   # runs one again

A fixture is a folder with `expected.json` (`config`, and `losses`, an entry a step) and
safetensors files: both networks' states before the first and after the last step, the batches,
everything of step 1 (outputs, patches, gradients), and the final generator's output in evaluation
mode on the first batch. WGAN-GP's draws between real and generated pictures are in the batches, as
`mix`. Tensors have PyTorch's names and layouts. Dropout is off: no two libraries
draw the same masks. Needs torch and safetensors.
"""

import argparse
import copy
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

import ddcolor
import dynamic_unet
from ddcolor import Ddcolor
from dynamic_unet import DECODER_NORMS, DynamicUnet
from model import Discriminator, Generator, initialize
from perceptual import EncoderLoss, FeatureLoss, PerceptualLoss
from trainer import Trainer

STATES = ("generator_init", "discriminator_init", "generator_final", "discriminator_final")
GENERATORS = ("unet", *dynamic_unet.BLOCKS, "ddcolor-tiny")
GAN_MODES = ("vanilla", "lsgan", "wgangp", "hinge")
NORMS = ("batch", "instance", "none", "spectral")
TENSOR_FILES = (*STATES, "step1", "eval")


def state_of(network: torch.nn.Module) -> dict[str, Tensor]:
    """A copy of the network's parameters and running statistics, by name."""
    return {
        name: value.detach().clone().contiguous()
        for name, value in network.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }


def build_generator(config: dict) -> Generator | DynamicUnet | Ddcolor:
    """The generator of a configuration, its weights not yet drawn."""
    name = config.get("generator", "unet")
    if name == "ddcolor-tiny":
        return Ddcolor(config["ngf"])
    if name == "unet":
        return Generator(config["n_down"], config["ngf"], config["dropout"])
    decoder_norm = config.get("decoder_norm", "none")
    return DynamicUnet(name, config["ngf"], decoder_norm, config.get("encoder_norm", "train"))


def build(config: dict) -> tuple[Generator | DynamicUnet | Ddcolor, Discriminator]:
    """Both networks of a configuration, their weights drawn from its seed."""
    torch.manual_seed(config["seed"])  # making spectral norm draws
    generator = build_generator(config)
    norm = config.get("norm_d", "batch")
    discriminator = Discriminator(config["ndf"], config.get("n_layers", 3), norm)
    torch.manual_seed(config["seed"])  # whatever was drawn while they were made
    for network in (generator, discriminator):
        if isinstance(network, DynamicUnet):
            dynamic_unet.initialize(network)
            stir(network)
        elif isinstance(network, Ddcolor):
            ddcolor.initialize(network)
        else:
            initialize(network, config["init"], config["init_gain"])
        for part in network.modules():
            if isinstance(part, (torch.nn.BatchNorm2d, torch.nn.InstanceNorm2d)):
                part.eps = config["bn_eps"]
                part.momentum = config["bn_momentum"]
            elif isinstance(part, torch.nn.LeakyReLU):
                part.negative_slope = config["leaky_slope"]
    return generator, discriminator


def stir(network: DynamicUnet) -> None:
    """Moves weights that start at 0 and 1, so that what is left out or mixed up shows in the numbers.

    Batch norms with an offset have fewer numbers near the ReLU's kink, where rounding decides which
    way a gradient goes, and a deep chain of them amplifies rounding less.
    """
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(part.weight, 0.5, 0.1)
            torch.nn.init.normal_(part.bias, 0.5, 0.5)
        elif isinstance(part, torch.nn.Conv2d) and part.bias is not None:
            torch.nn.init.normal_(part.bias, 0.0, 0.1)
    with torch.no_grad():
        for parameter in network.layers[12].parameters():
            parameter.mul_(0.2)  # so that ab is of the size of real ab


def settle(generator: DynamicUnet | Ddcolor, lightness: Tensor) -> None:
    """Lets the running statistics come to those of the pictures, as a trained network has them."""
    with torch.inference_mode():
        torch.nn.Module.train(generator, True)  # the body's norms, too
        for _ in range(50):
            for pictures in lightness:
                generator(pictures)
    generator.train()


def shrink(generator: Ddcolor, lightness: Tensor) -> None:
    """Makes what is put out of the size of real ab: spectral norm takes no factor on a weight."""
    with torch.inference_mode():
        fake = copy.deepcopy(generator)(lightness[0])
    factor = 0.2 / fake.std()
    with torch.no_grad():
        last = generator.decoder.color_decoder.color_embed.layers[2]
        for parameter in (last.weight, last.bias, generator.refine_net[0][0].bias):
            parameter.mul_(factor)


def keep_apart(generator: DynamicUnet | Ddcolor, batches: dict[str, Tensor], least: float = 1e-3) -> None:
    """Moves each ab of step 1 as far as `least` from the generator's.

    An L1 loss has a kink where they meet: a single number of 30,000 that rounding puts on the other
    side moves the whole gradient by 1%.
    """
    with torch.inference_mode():
        fake = copy.deepcopy(generator)(batches["L"][0])  # its statistics must not move
    ab = batches["ab"][0]
    above = torch.where(ab >= fake, 1.0, -1.0)
    batches["ab"][0] = torch.where((ab - fake).abs() < least, fake + above * least, ab)


def draw_batches(config: dict) -> dict[str, Tensor]:
    """Random pictures that are smooth at several scales, so that no activation saturates."""
    random = torch.Generator().manual_seed(config["seed"] + 1)
    steps, batch, size = config["steps"], config["batch"], config["size"]

    def smooth(channels: int) -> Tensor:
        picture = torch.zeros(steps * batch, channels, size, size)
        for side in (2, 8, size):
            noise = torch.rand(steps * batch, channels, side, side, generator=random) * 2 - 1
            picture += torch.nn.functional.interpolate(noise, size, mode="bilinear") / 3
        return picture.reshape(steps, batch, channels, size, size)

    batches = {"L": smooth(1), "ab": smooth(2)}
    if config["gan_mode"] == "wgangp":
        batches["mix"] = torch.rand(steps, batch, generator=random)
    return batches


def perceptual_of(config: dict, dtype: torch.dtype = torch.float32) -> FeatureLoss | None:
    """The frozen network of a configuration with a perceptual loss: a narrow one, drawn."""
    if config.get("lambda_perceptual", 0.0) == 0:
        return None
    if config.get("perceptual") == "encoder":
        perceptual = EncoderLoss(config["generator"], config["ngf"])
    else:
        perceptual = PerceptualLoss(width=2)
    perceptual.draw(config["seed"] + 2)
    return perceptual.to(dtype)


def run(
    config: dict,
    generator: Generator | DynamicUnet | Ddcolor,
    discriminator: Discriminator,
    batches: dict[str, Tensor],
) -> tuple[list[dict[str, float]], dict[str, dict[str, Tensor]]]:
    """Trains for `steps` batches; returns the losses by step, and the tensors by file."""
    tensors = {
        "generator_init": state_of(generator),
        "discriminator_init": state_of(discriminator),
    }
    trainer = Trainer(
        generator,
        discriminator,
        config["gan_mode"],
        config["lambda_L1"],
        config["lr"],
        tuple(config["betas"]),
        config["adam_eps"],
        config.get("label_real", 1.0),
        config.get("label_fake", 0.0),
        config.get("gp_weight", 10.0),
        config.get("lambda_color", 0.0),
        config.get("encoder_rate", 1.0),
        config.get("freeze_encoder_steps", 0),
        config.get("judge", "ab"),
        config.get("target_saturation", 1.0),
        perceptual_of(config, batches["L"].dtype),
        config.get("lambda_perceptual", 0.0),
    )
    generator.train()
    losses = []
    mixes = batches.get("mix", [None] * len(batches["L"]))
    for lightness, ab, mix in zip(batches["L"], batches["ab"], mixes):
        step = trainer.step(lightness, ab, mix=mix)
        losses.append({name: loss.item() for name, loss in step.losses.items()})
        if len(losses) == 1:
            tensors["step1"] = {
                "fake": step.fake,
                "patch_fake": step.patch_fake,
                "patch_real": step.patch_real,
                **gradients_of(generator, "grad_G."),
                **gradients_of(discriminator, "grad_D."),
            }
    tensors["generator_final"] = state_of(generator)
    tensors["discriminator_final"] = state_of(discriminator)
    generator.eval()
    with torch.inference_mode():
        tensors["eval"] = {"eval_fake": generator(batches["L"][0])}
    return losses, tensors


def gradients_of(network: torch.nn.Module, prefix: str) -> dict[str, Tensor]:
    """A copy of the gradient of every parameter that has one, by prefixed name."""
    return {
        prefix + name: parameter.grad.detach().clone().contiguous()
        for name, parameter in network.named_parameters()
        if parameter.grad is not None
    }


def make(folder: Path, config: dict) -> None:
    """Runs a configuration from its seed and writes the fixture."""
    folder.mkdir(parents=True, exist_ok=True)
    generator, discriminator = build(config)
    batches = draw_batches(config)
    if isinstance(generator, (DynamicUnet, Ddcolor)):
        settle(generator, batches["L"])
        if isinstance(generator, Ddcolor):
            shrink(generator, batches["L"])
        keep_apart(generator, batches)
    losses, tensors = run(config, generator, discriminator, batches)
    for name in TENSOR_FILES:
        save_file(tensors[name], folder / f"{name}.safetensors")
    save_file(batches, folder / "batches.safetensors")
    perceptual = perceptual_of(config)
    if perceptual is not None:
        save_file(state_of(perceptual), folder / "perceptual.safetensors")
    expected = json.dumps({"config": config, "losses": losses}, indent=1)
    (folder / "expected.json").write_text(expected + "\n", encoding="utf-8")
    total = sum(file.stat().st_size for file in folder.iterdir())
    print(f"{folder}: {config['steps']} steps, {total / 1024:.0f} KiB")


def replay(folder: Path, float64: bool, tolerance: float) -> bool:
    """Runs a fixture again from its states and batches; prints the largest difference a quantity.

    Losses are compared relatively, at every step; gradients by their relative L2 error; the rest
    by the largest absolute difference. True where the losses agree to `tolerance`.
    """
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    files = {name: load_file(folder / f"{name}.safetensors") for name in TENSOR_FILES}
    batches = load_file(folder / "batches.safetensors")
    config = expected["config"]
    generator, discriminator = build(config)
    for network, name in ((generator, "generator_init"), (discriminator, "discriminator_init")):
        missing, unknown = network.load_state_dict(files[name], strict=False)
        missing = [key for key in missing if not key.endswith("num_batches_tracked")]
        if missing or unknown:
            raise SystemExit(f"{folder}/{name}: missing {missing}, unknown {unknown}")
    if float64:
        generator.double()
        discriminator.double()
        batches = {name: value.double() for name, value in batches.items()}
    losses, tensors = run(config, generator, discriminator, batches)

    differences: dict[str, float] = {}

    def note(quantity: str, difference: float) -> None:
        differences[quantity] = max(differences.get(quantity, 0.0), difference)

    if len(losses) != len(expected["losses"]):
        raise SystemExit(f"{folder}: {len(expected['losses'])} losses for {len(losses)} batches")
    for got, want in zip(losses, expected["losses"]):
        for name, value in want.items():
            note(f"{name} (relative)", abs(got[name] - value) / abs(value))
    for file in ("step1", "generator_final", "discriminator_final", "eval"):
        if files[file].keys() != tensors[file].keys():
            raise SystemExit(f"{folder}/{file}: not the tensors of this model")
        for name, want in files[file].items():
            difference = tensors[file][name].double() - want.double()
            if name.startswith("grad_"):
                relative = difference.norm() / want.double().norm()
                note(f"{name[:6]} (relative L2)", relative.item())
            else:
                quantity = name if file in ("step1", "eval") else file
                note(f"{quantity} (absolute)", difference.abs().max().item())
    print(f"{folder}, replayed in {'float64' if float64 else 'float32'}")
    for quantity, difference in differences.items():
        print(f"  {quantity:32} {difference:.2e}")
    worst = max(value for name, value in differences.items() if name.startswith("loss_"))
    print(f"  the losses differ by {worst:.2e}, {tolerance:.0e} is allowed")
    return worst <= tolerance


def main() -> int:
    parser = argparse.ArgumentParser(description="Make or replay a parity fixture.")
    parser.add_argument("out", type=Path, nargs="?", help="folder to write the fixture to")
    parser.add_argument("--replay", type=Path, metavar="DIR", help="fixture to run again")
    parser.add_argument("--float64", action="store_true", help="replay in double precision")
    parser.add_argument("--tolerance", type=float, default=1e-6, help="of the replayed losses")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--size", type=int, default=32, help="side of the pictures, pixels")
    parser.add_argument("--batch", type=int, default=2)
    parser.add_argument("--generator", choices=GENERATORS, default="unet")
    parser.add_argument("--decoder-norm", choices=DECODER_NORMS, default="none")
    parser.add_argument("--encoder-norm", choices=("train", "eval"), default="train")
    parser.add_argument("--encoder-rate", type=float, default=1.0, help="factor on the body's rate")
    parser.add_argument("--freeze-encoder-steps", type=int, default=0)
    parser.add_argument("--n-down", type=int, default=5, help="of the U-Net")
    parser.add_argument("--ngf", type=int, default=2)
    parser.add_argument("--ndf", type=int, default=4)
    parser.add_argument("--n-layers", type=int, default=3)
    parser.add_argument("--gan-mode", choices=GAN_MODES, default="vanilla")
    parser.add_argument("--norm-d", choices=NORMS, help="default: by mode")
    parser.add_argument("--gp-weight", type=float, default=10.0)
    parser.add_argument("--lambda-color", type=float, default=0.0)
    parser.add_argument("--judge", choices=("ab", "rgb"), default="ab")
    parser.add_argument("--lambda-perceptual", type=float, default=0.0)
    parser.add_argument("--perceptual", choices=("vgg16", "encoder"), default="vgg16")
    parser.add_argument("--target-saturation", type=float, default=1.0)
    parser.add_argument("--init", choices=("norm", "xavier", "kaiming"), default="norm")
    parser.add_argument("--init-gain", type=float, default=0.02)
    parser.add_argument("--lambda-l1", type=float, default=100.0)
    parser.add_argument("--label-real", type=float, default=1.0)
    parser.add_argument("--label-fake", type=float, default=0.0)
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--betas", type=float, nargs=2, default=(0.5, 0.999))
    parser.add_argument("--adam-eps", type=float, default=1e-8)
    parser.add_argument("--bn-eps", type=float, default=1e-5)
    parser.add_argument("--bn-momentum", type=float, default=0.1)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if (given.out is None) == (given.replay is None):
        parser.error("give either a folder to write, or --replay DIR")
    if given.replay is not None:
        return 0 if replay(given.replay, given.float64, given.tolerance) else 1
    multiple = 2**given.n_down if given.generator == "unet" else 32
    if given.size % multiple != 0:
        parser.error(f"--size must be a multiple of {multiple}, not {given.size}")
    shape = {"n_down": given.n_down}
    if given.generator == "ddcolor-tiny":
        shape = {
            "generator": given.generator,
            "encoder_rate": given.encoder_rate,
            "freeze_encoder_steps": given.freeze_encoder_steps,
        }
    elif given.generator != "unet":
        shape = {
            "generator": given.generator,
            "decoder_norm": given.decoder_norm,
            "encoder_norm": given.encoder_norm,
            "encoder_rate": given.encoder_rate,
            "freeze_encoder_steps": given.freeze_encoder_steps,
        }
    make(
        given.out,
        {
            "size": given.size,
            "batch": given.batch,
            **shape,
            "ngf": given.ngf,
            "ndf": given.ndf,
            "n_layers": given.n_layers,
            "gan_mode": given.gan_mode,
            "norm_d": given.norm_d or ("instance" if given.gan_mode == "wgangp" else "batch"),
            "gp_weight": given.gp_weight,
            "lambda_color": given.lambda_color,
            "judge": given.judge,
            "target_saturation": given.target_saturation,
            "lambda_perceptual": given.lambda_perceptual,
            "perceptual": given.perceptual,
            "init": given.init,
            "init_gain": given.init_gain,
            "dropout": 0.0,
            "lambda_L1": given.lambda_l1,
            "label_real": given.label_real,
            "label_fake": given.label_fake,
            "lr": given.lr,
            "betas": list(given.betas),
            "adam_eps": given.adam_eps,
            "bn_eps": given.bn_eps,
            "bn_momentum": given.bn_momentum,
            "leaky_slope": 0.2,
            "steps": given.steps,
            "seed": given.seed,
        },
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
