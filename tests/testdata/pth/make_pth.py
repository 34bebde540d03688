"""Makes files of torch.save for tests: generators of two channels in the first block, whose names are
those of pix2pix's repository, of the tutorial, of fastai's DynamicUnet and of DDColor; files of encoders and of a
VGG16; and in expected.json what PyTorch computes with each generator. Needs torch, torchvision and
fastai (2.4).

    python make_pth.py
"""

import json
import sys
import types
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn
from torch.hub import load_state_dict_from_url
from torchvision.models.resnet import BasicBlock

here = Path(__file__).parent
sys.path.insert(0, str(here.parents[2] / "bench" / "pytorch"))

# fastai 2.4 asks for a module that torchvision has no more.
sys.modules["torchvision.models.utils"] = types.SimpleNamespace(  # type: ignore[assignment]
    load_state_dict_from_url=load_state_dict_from_url
)
from fastai.vision.models.unet import DynamicUnet  # noqa: E402
from ddcolor import Ddcolor  # noqa: E402
from model import Discriminator, Generator  # noqa: E402  # the names are those of pix2pix

expected: dict[str, dict] = {}


def picture(size: int) -> torch.Tensor:
    """L in [-1, 1] from numbers alone: [1, 1, size, size]."""
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    return (((13 * x + 7 * y + x * y) % 64) / 32 - 1).float()[None, None]


def settled(network: nn.Module, size: int, seed: int) -> nn.Module:
    """Gives batch norms something to do: statistics of noise, and gammas that differ."""
    torch.manual_seed(seed)
    for name, parameter in network.named_parameters():
        if parameter.dim() == 1:
            nn.init.uniform_(parameter, *((0.5, 1.5) if name.endswith("weight") else (-0.3, 0.3)))
    network.train()
    with torch.no_grad():
        for _ in range(20):
            network(2 * torch.rand(2, 1, size, size) - 1)
    return network.eval()


def save(name: str, content: object, network: nn.Module, size: int, **options: object) -> None:
    """Saves a file, and notes some pixels of what the network makes of the picture."""
    torch.save(content, here / name, **options)
    with torch.no_grad():
        ab = network.float().eval()(picture(size))[0, :, :: size // 16, :: size // 16]
    expected[name] = {"size": size, "ab": [round(float(v), 7) for v in ab.flatten()]}


def residual_body(width: int, channels: int) -> nn.Sequential:
    """A ResNet-18 without its head, as fastai cuts it."""

    def stage(before: int, after: int, stride: int) -> nn.Sequential:
        shortcut = None
        if stride != 1:
            convolution = nn.Conv2d(before, after, 1, stride, bias=False)
            shortcut = nn.Sequential(convolution, nn.BatchNorm2d(after))
        return nn.Sequential(BasicBlock(before, after, stride, shortcut), BasicBlock(after, after))

    widths = [width * 2**level for level in range(4)]
    return nn.Sequential(
        nn.Conv2d(channels, width, 7, 2, 3, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, 2, 1),
        *(stage(widths[max(0, level - 1)], after, 1 + (level > 0)) for level, after in enumerate(widths)),
    )


def strided(state: dict) -> dict:
    """The same values in other places: one storage for all, from its middle on, and columns first."""
    values = {name: value for name, value in state.items() if value.dim() > 0}
    storage = torch.full((7 + sum(v.numel() for v in values.values()),), 9.0)
    changed, at = {}, 7
    for name, value in values.items():
        order = list(range(value.dim()))[::-1]
        view = storage[at : at + value.numel()].view([value.shape[axis] for axis in order])
        view = view.permute(order)
        view.copy_(value)
        changed[name] = nn.Parameter(view)
        at += value.numel()
    return changed


# pix2pix's own: the unet_256 that `--model colorization` trains, saved as latest_net_G.pth.
unet_256 = settled(Generator(8, 2), 256, 1)
save("latest_net_G.pth", unet_256.state_dict(), unet_256, 256)

small = settled(Generator(5, 2), 32, 2)
state = small.state_dict()
replicated = {f"module.{name}": value for name, value in state.items()}
save("before_1_6.pth", replicated, small, 32, _use_new_zipfile_serialization=False)
save("strided.pth", {"net_G": strided(state), "step": 7, "rates": (2e-4, [0.5, None])}, small, 32)

# The tutorial's MainModel: both networks, and the labels of its loss.
main_model = nn.Module()
main_model.net_G, main_model.net_D = small, Discriminator(1, 2)
main_model.GANcriterion = nn.Module()
main_model.GANcriterion.register_buffer("real_label", torch.tensor(1.0))
main_model.GANcriterion.register_buffer("fake_label", torch.tensor(0.0))
save("tutorial.pt", main_model.state_dict(), small, 32)

optimizer = torch.optim.Adam([nn.Parameter(torch.ones(3))])
optimizer.param_groups[0]["params"][0].sum().backward()
optimizer.step()
wrapped = {"epoch": 3, "state_dict": Generator(5, 2).half().state_dict(), "optimizer": optimizer.state_dict()}
wrapped["state_dict"].update({name: v.half() for name, v in state.items() if v.is_floating_point()})
half = Generator(5, 2)
half.load_state_dict({name: v.half().float() if v.is_floating_point() else v for name, v in state.items()})
save("half.pth", wrapped, half, 32)

averaged = Generator(5, 2)
averaged.load_state_dict({n: v.bfloat16().float() if v.is_floating_point() else v for n, v in state.items()})
brain = {n: v.bfloat16() if v.is_floating_point() else v for n, v in state.items()}
other = {n: v[:1] if v.dim() == 1 else v for n, v in state.items() if v.dim() < 4}
save("averaged.pth", {"params": {**brain, **other}, "params_ema": brain}, averaged, 32)

# The tutorial's second generator, as fastai saves it with a Learner.
torch.manual_seed(3)
dynamic = DynamicUnet(residual_body(2, 1), 2, (64, 64))
dynamic = settled(dynamic, 64, 3)
save("res18-unet.pt", {"model": dynamic.state_dict()}, dynamic, 64, pickle_protocol=4)

# DDColor's own program saves its generator so.
color_queries = Ddcolor(2)
trained = here.parent / "parity" / "ddcolor_tiny" / "generator_final.safetensors"
color_queries.load_state_dict(load_file(trained), strict=False)  # but for counts of batches
save("ddcolor_tiny.pth", {"params": color_queries.state_dict()}, color_queries, 64)

torch.manual_seed(4)
body = residual_body(2, 3)
names = {"0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4"}
encoder = {names[n.split(".")[0]] + n[1:]: v for n, v in body.state_dict().items()}
torch.save({"state_dict": {f"module.{n}": v for n, v in encoder.items()}}, here / "resnet18.pth")

features: list[nn.Module] = []
channels = 3
for block, count in enumerate((2, 2, 3, 3, 3)):
    for _ in range(count):
        width = 2 * min(2**block, 8)
        features += [nn.Conv2d(channels, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
        channels = width
    features.append(nn.MaxPool2d(2))
vgg = {f"features.{n}": v for n, v in nn.Sequential(*features).state_dict().items()}
torch.save(vgg, here / "vgg16_bn.pth")

(here / "expected.json").write_text(json.dumps(expected))
