import { type GeneratorKind, generatorsOf } from "./generators.ts";
import { either } from "../words.ts";
import type { OptionNaming } from "./option.ts";
import { type TrainingConfig, trainingOptions } from "./training.ts";

/** An option that does nothing without another. */
interface Dependent {
  readonly option: keyof TrainingConfig;
  /** The options that decide it. */
  readonly by: readonly (keyof TrainingConfig)[];
  readonly matters: (config: TrainingConfig) => boolean;
  /** What they would have to be, such as "wgangp". */
  readonly needs: string;
}

const policies = [
  "onDiscriminatorWinning",
  "onGrayCollapse",
  "onLossSpike",
  "onNonFinite",
] as const;

function schedule(option: keyof TrainingConfig, ...words: string[]): Dependent {
  return {
    option,
    by: ["lrSchedule"],
    matters: ({ lrSchedule }) => words.includes(lrSchedule),
    needs: either(words),
  };
}

function watch(option: keyof TrainingConfig, policy: typeof policies[number]): Dependent {
  return { option, by: [policy], matters: (config) => config[policy] !== "off", needs: "not off" };
}

function rollback(option: keyof TrainingConfig): Dependent {
  const matters = (config: TrainingConfig) => policies.some((name) => config[name] === "rollback");
  return { option, by: policies, matters, needs: "rollback" };
}

/** An option of the generators of some kinds. */
function architecture(
  option: keyof TrainingConfig,
  ...kinds: readonly GeneratorKind[]
): Dependent {
  const generators = generatorsOf(...kinds);
  return {
    option,
    by: ["generator"],
    matters: ({ generator }) => generators.includes(generator),
    needs: either(generators),
  };
}

const dependents: readonly Dependent[] = [
  architecture("nDown", "halvings"),
  architecture("dropout", "halvings"),
  architecture("decoderNorm", "resnet"),
  architecture("encoderNorm", "resnet"),
  architecture("encoderRate", "resnet", "convnext"),
  architecture("freezeEncoderSteps", "resnet", "convnext"),
  {
    option: "perceptual",
    by: ["lambdaPerceptual"],
    matters: ({ lambdaPerceptual }) => lambdaPerceptual > 0,
    needs: "more than 0",
  },
  { option: "lambdaHint", by: ["hints"], matters: ({ hints }) => hints, needs: "on" },
  {
    option: "gpWeight",
    by: ["ganMode"],
    matters: ({ ganMode }) => ganMode === "wgangp",
    needs: "wgangp",
  },
  {
    option: "initGain",
    by: ["init"],
    matters: ({ init }) => init !== "kaiming",
    needs: "normal or xavier",
  },
  {
    option: "emaUse",
    by: ["emaDecay"],
    matters: ({ emaDecay }) => emaDecay > 0,
    needs: "more than 0",
  },
  {
    option: "lrPretrain",
    by: ["pretrainSteps"],
    matters: ({ pretrainSteps }) => pretrainSteps > 0,
    needs: "more than 0",
  },
  {
    option: "lrCritic",
    by: ["criticSteps"],
    matters: ({ criticSteps }) => criticSteps > 0,
    needs: "more than 0",
  },
  schedule("lrDecayEpoch", "linear"),
  schedule("lrStepEpochs", "step"),
  schedule("lrGamma", "step", "plateau"),
  schedule("lrPatience", "plateau"),
  schedule("lrMin", "cosine", "plateau"),
  watch("winningShare", "onDiscriminatorWinning"),
  watch("winningSteps", "onDiscriminatorWinning"),
  watch("grayRatio", "onGrayCollapse"),
  watch("grayValidations", "onGrayCollapse"),
  watch("spikeFactor", "onLossSpike"),
  watch("spikeWindow", "onLossSpike"),
  rollback("rollbackRate"),
  rollback("maxRollbacks"),
];

/**
 * The options that were given another value than their default and do nothing, a sentence each: a person
 * who gave them expects something of them.
 */
export function idleOptions(
  given: Readonly<Record<string, unknown>>,
  config: TrainingConfig,
  nameOf: OptionNaming,
): string[] {
  return dependents.filter(({ option, matters }) =>
    given[option] !== undefined && given[option] !== trainingOptions[option].default &&
    !matters(config)
  ).map(({ option, by, needs }) =>
    `${nameOf(option)} does nothing unless ${by.map(nameOf).join(" or ")} is ${needs}.`
  );
}
