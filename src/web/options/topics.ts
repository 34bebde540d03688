import type { Option } from "../../web_parts/contract/messages.ts";
import { optionName } from "../../web_parts/words.ts";

/** Options by topic, in the order in which they are shown; one that stands nowhere is under "Other". */
export const topics: readonly { readonly name: string; readonly options: readonly string[] }[] = [
  {
    name: "Network",
    options: [
      "size",
      "generator",
      "nDown",
      "ngf",
      "dropout",
      "decoderNorm",
      "encoderNorm",
      "encoderRate",
      "freezeEncoderSteps",
      "hints",
      "ndf",
      "nLayers",
      "normD",
      "judge",
      "init",
      "initGain",
      "leakySlope",
      "batchNormEpsilon",
      "batchNormMomentum",
    ],
  },
  {
    name: "Losses",
    options: [
      "ganMode",
      "gpWeight",
      "nCritic",
      "lambdaL1",
      "lambdaColor",
      "lambdaPerceptual",
      "perceptual",
      "lambdaHint",
      "targetSaturation",
      "pretrainSteps",
      "criticSteps",
      "poolSize",
      "labelReal",
      "labelFake",
    ],
  },
  {
    name: "Optimizer",
    options: [
      "batchSize",
      "accumulate",
      "lrG",
      "lrD",
      "lrPretrain",
      "lrCritic",
      "beta1",
      "beta2",
      "adamEpsilon",
      "clipNorm",
      "emaDecay",
      "emaUse",
    ],
  },
  {
    name: "Schedule",
    options: [
      "lrSchedule",
      "lrDecayEpoch",
      "lrStepEpochs",
      "lrGamma",
      "lrPatience",
      "lrMin",
      "lrWarmupSteps",
    ],
  },
  {
    name: "Augmentation",
    options: [
      "flip",
      "crop",
      "rotate",
      "saturationJitter",
      "whiteBalanceJitter",
      "blur",
      "grain",
      "cutout",
      "spectralFilm",
    ],
  },
  { name: "Length", options: ["epochs", "maxSteps", "maxMinutes", "earlyStop"] },
  {
    name: "Validation, samples",
    options: [
      "validationFraction",
      "validationPhotos",
      "validateEvery",
      "bestMetric",
      "sampleEvery",
      "sampleCount",
      "logEvery",
    ],
  },
  { name: "Checkpoints", options: ["checkpointEvery", "keepCheckpoints"] },
  {
    name: "Health",
    options: [
      "onDiscriminatorWinning",
      "winningShare",
      "winningSteps",
      "onGrayCollapse",
      "grayRatio",
      "grayValidations",
      "onLossSpike",
      "spikeFactor",
      "spikeWindow",
      "onNonFinite",
      "rollbackRate",
      "maxRollbacks",
    ],
  },
  { name: "Device, precision", options: ["precision", "xla", "seed"] },
];

/** The options by topic, in this server's words; what no topic names is in the last. */
export function topicsOf(options: readonly Option[]): { name: string; members: Option[] }[] {
  const named = new Set(["recipe", ...topics.flatMap((topic) => topic.options)]);
  const find = (names: readonly string[]) =>
    names.flatMap((name) => options.find((option) => optionName(option.name) === name) ?? []);
  const others = options.filter(({ name }) => !named.has(optionName(name)));
  return [
    ...topics.map(({ name, options }) => ({ name, members: find(options) })),
    ...(others.length > 0 ? [{ name: "Other", members: others }] : []),
  ];
}
