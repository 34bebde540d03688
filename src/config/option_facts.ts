import type { ChoiceOption } from "./option.ts";
import { type TrainingConfig, trainingOptions } from "./training.ts";

/** The names of the options that are one word of a list. */
type ChoiceName = {
  [K in keyof typeof trainingOptions]: (typeof trainingOptions)[K] extends ChoiceOption ? K : never;
}[keyof typeof trainingOptions];

/** What the values of an option's enum begin with in the protos. */
export const enumPrefixes: Readonly<Record<ChoiceName, string>> = {
  recipe: "RECIPE_",
  generator: "GENERATOR_",
  decoderNorm: "DECODER_NORM_",
  encoderNorm: "ENCODER_NORM_",
  init: "INIT_METHOD_",
  ganMode: "GAN_MODE_",
  normD: "DISCRIMINATOR_NORM_",
  judge: "JUDGE_",
  perceptual: "PERCEPTUAL_NETWORK_",
  precision: "PRECISION_",
  bestMetric: "BEST_METRIC_",
  lrSchedule: "RATE_SCHEDULE_",
  emaUse: "GENERATOR_WEIGHTS_",
  onDiscriminatorWinning: "HEALTH_POLICY_",
  onGrayCollapse: "HEALTH_POLICY_",
  onLossSpike: "HEALTH_POLICY_",
  onNonFinite: "NON_FINITE_POLICY_",
};

/** Options that decide the shapes of the networks' tensors: a checkpoint fits no others. */
export const networkShapes = [
  "generator",
  "decoderNorm",
  "size",
  "nDown",
  "ngf",
  "ndf",
  "nLayers",
] as const satisfies readonly (keyof TrainingConfig)[];

/** What a run that starts from another's weights takes over, where it is given nothing else. */
export const networkOptions = [
  ...networkShapes,
  "hints",
  "leakySlope",
  "batchNormEpsilon",
  "normD",
  "judge",
  "ganMode",
] as const satisfies readonly (
  keyof TrainingConfig
)[];

/** Options that may change when a run is resumed: they decide how long and what is seen of it. */
export const changeableOptions: ReadonlySet<string> = new Set<keyof TrainingConfig>([
  "epochs",
  "maxSteps",
  "maxMinutes",
  "validateEvery",
  "sampleEvery",
  "sampleCount",
  "checkpointEvery",
  "keepCheckpoints",
  "logEvery",
  "validationPhotos",
  "earlyStop",
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
]);
