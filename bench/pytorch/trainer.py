"""One training step of the two networks: first the discriminator, then the generator."""

from dataclasses import dataclass

import torch
from torch import Tensor

from model import Discriminator, Generator, gan_loss


@dataclass
class Step:
    """What one step computed. `losses` is by name; the tensors are detached."""

    losses: dict[str, Tensor]
    fake: Tensor  # [B, 2, H, W]
    patch_fake: Tensor  # the discriminator's logits on the generated picture, before its update
    patch_real: Tensor


class Trainer:
    """Both networks with their Adams.

    `label_real` and `label_fake` are the discriminator's targets and may be softened; the generator
    always wants its pictures to be judged 1.
    """

    def __init__(
        self,
        generator: Generator,
        discriminator: Discriminator,
        gan_mode: str = "vanilla",
        lambda_l1: float = 100.0,
        lr: float = 2e-4,
        betas: tuple[float, float] = (0.5, 0.999),
        adam_eps: float = 1e-8,
        label_real: float = 1.0,
        label_fake: float = 0.0,
    ) -> None:
        self.generator = generator
        self.discriminator = discriminator
        self.gan_mode = gan_mode
        self.lambda_l1 = lambda_l1
        self.label_real = label_real
        self.label_fake = label_fake
        self.adam_g = torch.optim.Adam(generator.parameters(), lr, betas, adam_eps)
        self.adam_d = torch.optim.Adam(discriminator.parameters(), lr, betas, adam_eps)

    def step(self, lightness: Tensor, ab: Tensor, bfloat16: bool = False) -> Step:
        """Trains on one batch: L [B, 1, H, W] and ab [B, 2, H, W].

        With `bfloat16` the forward passes run under PyTorch's autocast. Afterwards the gradients
        are still in the parameters: the discriminator's are those of its own loss.
        """

        def autocast() -> torch.autocast:
            return torch.autocast("cpu", torch.bfloat16, enabled=bfloat16)

        with autocast():
            fake = self.generator(lightness)

            self.discriminator.requires_grad_(True)
            self.adam_d.zero_grad()
            patch_fake = self.discriminator(torch.cat([lightness, fake.detach()], dim=1))
            patch_real = self.discriminator(torch.cat([lightness, ab], dim=1))
            loss_d_fake = gan_loss(self.gan_mode, patch_fake, self.label_fake)
            loss_d_real = gan_loss(self.gan_mode, patch_real, self.label_real)
            loss_d = 0.5 * (loss_d_fake + loss_d_real)
        loss_d.backward()
        self.adam_d.step()

        # The generator is judged by the discriminator that has just learned.
        self.discriminator.requires_grad_(False)
        self.adam_g.zero_grad()
        with autocast():
            patches = self.discriminator(torch.cat([lightness, fake], dim=1))
            loss_g_gan = gan_loss(self.gan_mode, patches, 1.0)
            loss_g_l1 = self.lambda_l1 * torch.nn.functional.l1_loss(fake, ab)
            loss_g = loss_g_gan + loss_g_l1
        loss_g.backward()
        self.adam_g.step()

        losses = {
            "loss_D_fake": loss_d_fake,
            "loss_D_real": loss_d_real,
            "loss_D": loss_d,
            "loss_G_GAN": loss_g_gan,
            "loss_G_L1": loss_g_l1,
            "loss_G": loss_g,
        }
        return Step(
            {name: loss.detach() for name, loss in losses.items()},
            fake.detach(),
            patch_fake.detach(),
            patch_real.detach(),
        )
