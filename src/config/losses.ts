import { contradictionsOf } from "./contradictions.ts";
import { type GeneratorName, generatorsOf, isResidual } from "./generators.ts";

/** The options that the losses follow from; see `trainingOptions`. */
interface LossOptions {
  readonly ganMode: "vanilla" | "lsgan" | "wgangp" | "hinge";
  readonly normD: "auto" | "batch" | "instance" | "none" | "spectral";
  readonly labelReal: number;
  readonly labelFake: number;
  readonly lambdaL1: number;
  readonly pretrainSteps: number;
  readonly generator: GeneratorName;
  readonly lambdaPerceptual: number;
  readonly perceptual: "vgg16" | "encoder";
}

/** The discriminator's normalization that an option `normD` comes to. */
export function discriminatorNorm(
  { normD, ganMode }: Pick<LossOptions, "normD" | "ganMode">,
): "batch" | "instance" | "none" | "spectral" {
  if (normD !== "auto") return normD;
  return ganMode === "wgangp" ? "instance" : "batch";
}

const contradiction = contradictionsOf<LossOptions>();

/** What the options of losses may say against each other. */
export const lossContradictions = [
  contradiction(["labelReal", "labelFake"], ({ labelReal, labelFake }, nameOf) => {
    if (labelReal > labelFake) return undefined;
    const description = `must be larger than ${
      nameOf("labelFake")
    } (${labelFake}), not ${labelReal}`;
    return { field: "labelReal", description };
  }),
  contradiction(["ganMode", "normD"], ({ ganMode, normD }, nameOf) => {
    if (ganMode !== "wgangp" || normD !== "batch") return undefined;
    return {
      field: "normD",
      description:
        `must be auto, instance, none or spectral with ${nameOf("ganMode")} wgangp, not batch: ` +
        "it penalizes the slope at each picture, and batch norm makes that depend on the others",
    };
  }),
  withoutTargets("labelReal", 1),
  withoutTargets("labelFake", 0),
  contradiction(["generator", "lambdaPerceptual", "perceptual"], (values, nameOf) => {
    const { generator, lambdaPerceptual, perceptual } = values;
    if (lambdaPerceptual === 0 || perceptual === "vgg16") return undefined;
    if (isResidual(generator)) return undefined;
    const why = generator === "unet"
      ? "the U-Net has no encoder that was trained before"
      : "its encoder is no residual network";
    return {
      field: "perceptual",
      description: `must be vgg16 with ${nameOf("generator")} ${generator}, not encoder: ${why}; ` +
        `${generatorsOf("resnet").join(" and ")} have one`,
    };
  }),
  contradiction(["pretrainSteps", "lambdaL1"], ({ pretrainSteps, lambdaL1 }, nameOf) => {
    if (pretrainSteps === 0 || lambdaL1 > 0) return undefined;
    return {
      field: "pretrainSteps",
      description: `must be 0 where ${nameOf("lambdaL1")} is 0, not ${pretrainSteps}: the ` +
        "generator would have nothing to learn from",
    };
  }),
];

/** What trials of sweeps cannot have. */
export const trialContradictions = [
  contradictionsOf<{ readonly lambdaPerceptual: number }>()(
    ["lambdaPerceptual"],
    ({ lambdaPerceptual }) => {
      if (lambdaPerceptual === 0) return undefined;
      const description =
        `must be 0 in a sweep, not ${lambdaPerceptual}: its jobs name no weights of a network that ` +
        "sees; a job of its own can";
      return { field: "lambdaPerceptual", description };
    },
  ),
];

/** A label that only losses with targets can have. @param neutral what stands for none. */
function withoutTargets(field: "labelReal" | "labelFake", neutral: number) {
  return contradiction(["ganMode", field], (values, nameOf) => {
    const { ganMode, [field]: value } = values;
    if (ganMode === "vanilla" || ganMode === "lsgan" || value === neutral) return undefined;
    return {
      field,
      description:
        `must be ${neutral} with ${nameOf("ganMode")} ${ganMode}, not ${value}: it has ` +
        "no targets to smooth; vanilla and lsgan have them",
    };
  });
}
