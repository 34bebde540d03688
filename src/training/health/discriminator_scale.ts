import type { TrainingConfig } from "../../config/training.ts";

/** What a discriminator's loss can be, between all right and no idea. */
export interface DiscriminatorScale {
  /** loss_D of one that is always right. */
  readonly best: number;
  /** loss_D of one that cannot tell at all, and says the same of every picture. */
  readonly guessing: number;
}

/**
 * The scale of loss_D = (loss_D_real + loss_D_fake) / 2. Soft labels raise the best: the cross-entropy
 * with a target of 0.9 is at least 0.325, however right the discriminator is.
 *
 * @returns undefined where the loss has no such bounds: that of a Wasserstein critic is an estimate of
 *   a distance, and cross-entropy with a target outside [0, 1] goes down without end.
 */
export function discriminatorScale(
  { ganMode, labelReal, labelFake }: Pick<TrainingConfig, "ganMode" | "labelReal" | "labelFake">,
): DiscriminatorScale | undefined {
  const mode: string = ganMode;
  switch (mode) {
    case "vanilla":
      if (Math.min(labelReal, labelFake) < 0 || Math.max(labelReal, labelFake) > 1) {
        return undefined;
      }
      return {
        best: (entropy(labelReal) + entropy(labelFake)) / 2,
        guessing: entropy((labelReal + labelFake) / 2),
      };
    case "lsgan":
      return { best: 0, guessing: ((labelReal - labelFake) / 2) ** 2 };
    case "hinge":
      return { best: 0, guessing: 1 };
    default:
      return undefined;
  }
}

/** Of a coin that falls on one side with probability p, in nats: the least cross-entropy with p. */
function entropy(p: number): number {
  const part = (q: number) => q === 0 ? 0 : -q * Math.log(q);
  return part(p) + part(1 - p);
}
