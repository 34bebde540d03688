"""One training step of the two networks: first the discriminator, then the generator."""

from dataclasses import dataclass

import torch
from torch import Tensor

from colors import srgb_of
from ddcolor import Ddcolor
from dynamic_unet import DynamicUnet
from model import (
    Discriminator,
    Generator,
    colorfulness,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)
from perceptual import FeatureLoss


@dataclass
class Step:
    """What one step computed. `losses` is by name; the tensors are detached."""

    losses: dict[str, Tensor]
    fake: Tensor  # [B, 2, H, W]
    patch_fake: Tensor  # the discriminator's logits on the generated picture, before its update
    patch_real: Tensor


class Trainer:
    """Both networks with their Adams.

    A generator with a body (`DynamicUnet`, `Ddcolor`) learns there at `encoder_rate` times the rate. In the first
    `freeze_encoder_steps` steps the body gets no gradient: it stays, and its Adam does not count.

    `label_real` and `label_fake` are the discriminator's targets and may be softened; the generator
    always wants its pictures to be judged 1. `gp_weight` is that of WGAN-GP's penalty, `lambda_color`
    that of the difference in colourfulness. `judge` is ab or rgb. `target_saturation` multiplies the
    chroma of the real pictures for the discriminator, the perceptual loss and the colourfulness.
    """

    def __init__(
        self,
        generator: Generator | DynamicUnet | Ddcolor,
        discriminator: Discriminator,
        gan_mode: str = "vanilla",
        lambda_l1: float = 100.0,
        lr: float = 2e-4,
        betas: tuple[float, float] = (0.5, 0.999),
        adam_eps: float = 1e-8,
        label_real: float = 1.0,
        label_fake: float = 0.0,
        gp_weight: float = 10.0,
        lambda_color: float = 0.0,
        encoder_rate: float = 1.0,
        freeze_encoder_steps: int = 0,
        judge: str = "ab",
        target_saturation: float = 1.0,
        perceptual: FeatureLoss | None = None,
        lambda_perceptual: float = 0.0,
    ) -> None:
        self.generator = generator
        self.discriminator = discriminator
        self.gan_mode = gan_mode
        self.lambda_l1 = lambda_l1
        self.label_real = label_real
        self.label_fake = label_fake
        self.gp_weight = gp_weight
        self.lambda_color = lambda_color
        self.judge = judge
        self.target_saturation = target_saturation
        self.perceptual = perceptual
        self.lambda_perceptual = lambda_perceptual
        self.encoder: list[torch.nn.Parameter] = []
        if isinstance(generator, DynamicUnet):
            self.encoder = list(generator.encoder().parameters())
        elif isinstance(generator, Ddcolor):
            self.encoder = list(generator.encoder.parameters())
        self.freeze_encoder_steps = freeze_encoder_steps
        self.steps = 0
        within = {id(parameter) for parameter in self.encoder}
        others = [each for each in generator.parameters() if id(each) not in within]
        groups = [{"params": others}]
        if self.encoder:
            groups.append({"params": self.encoder, "lr": lr * encoder_rate})
        self.adam_g = torch.optim.Adam(groups, lr, betas, adam_eps)
        self.adam_d = torch.optim.Adam(discriminator.parameters(), lr, betas, adam_eps)

    def judged(self, lightness: Tensor, ab: Tensor) -> Tensor:
        """What the discriminator sees: L beside ab, or sRGB in [-1, 1]."""
        if self.judge == "ab":
            return torch.cat([lightness, ab], dim=1)
        return 2 * srgb_of(lightness, ab) - 1

    def step(
        self,
        lightness: Tensor,
        ab: Tensor,
        bfloat16: bool = False,
        mix: Tensor | None = None,
    ) -> Step:
        """Trains on one batch: L [B, 1, H, W] and ab [B, 2, H, W].

        `mix` [B] says for WGAN-GP how much of the real picture is where the penalty is taken; drawn
        from [0, 1) when left out.

        With `bfloat16` the forward passes run under PyTorch's autocast. Afterwards the gradients
        are still in the parameters: the discriminator's are those of its own loss.
        """

        def autocast() -> torch.autocast:
            return torch.autocast(lightness.device.type, torch.bfloat16, enabled=bfloat16)

        self.steps += 1
        for parameter in self.encoder:
            parameter.requires_grad_(self.steps > self.freeze_encoder_steps)

        vivid = ab
        if self.target_saturation != 1:
            vivid = (self.target_saturation * ab).clamp(-1, 1)

        with autocast():
            fake = self.generator(lightness)

            self.discriminator.requires_grad_(True)
            self.adam_d.zero_grad()
            patch_fake = self.discriminator(self.judged(lightness, fake.detach()))
            patch_real = self.discriminator(self.judged(lightness, vivid))
            loss_d_fake = discriminator_loss(self.gan_mode, patch_fake, False, self.label_fake)
            loss_d_real = discriminator_loss(self.gan_mode, patch_real, True, self.label_real)
            losses = {"loss_D_fake": loss_d_fake, "loss_D_real": loss_d_real}
            if self.gan_mode == "wgangp":
                share = (torch.rand(len(ab)) if mix is None else mix).reshape(-1, 1, 1, 1)
                real = self.judged(lightness, vivid)
                made = self.judged(lightness, fake.detach())
                between = share * real + (1 - share) * made
                losses["loss_D_GP"] = self.gp_weight * gradient_penalty(self.discriminator, between)
                loss_d = loss_d_fake + loss_d_real + losses["loss_D_GP"]
            else:
                loss_d = 0.5 * (loss_d_fake + loss_d_real)
            losses["loss_D"] = loss_d
        loss_d.backward()
        self.adam_d.step()

        # The generator is judged by the discriminator that has just learned.
        self.discriminator.requires_grad_(False)
        self.adam_g.zero_grad()
        with autocast():
            patches = self.discriminator(self.judged(lightness, fake))
            loss_g_gan = generator_loss(self.gan_mode, patches)
            loss_g_l1 = self.lambda_l1 * torch.nn.functional.l1_loss(fake, ab)
            loss_g = loss_g_gan + loss_g_l1
            losses |= {"loss_G_GAN": loss_g_gan, "loss_G_L1": loss_g_l1}
            if self.perceptual is not None:
                shown, real = srgb_of(lightness, fake), srgb_of(lightness, vivid)
                losses["loss_G_perceptual"] = self.lambda_perceptual * self.perceptual(shown, real)
                loss_g = loss_g + losses["loss_G_perceptual"]
            if self.lambda_color > 0:
                difference = (colorfulness(fake) - colorfulness(vivid)).abs().mean()
                losses["loss_G_color"] = self.lambda_color * difference
                loss_g = loss_g + losses["loss_G_color"]
            losses["loss_G"] = loss_g
        loss_g.backward()
        self.adam_g.step()

        return Step(
            {name: loss.detach() for name, loss in losses.items()},
            fake.detach(),
            patch_fake.detach(),
            patch_real.detach(),
        )
