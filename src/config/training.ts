import { generatorNames } from "./generators.ts";
import {
  boolean,
  choice,
  integer,
  number,
  type OptionNaming,
  readOptions,
  refuseViolations,
  type ValuesOf,
} from "./option.ts";
import type { FieldViolation } from "../errors.ts";
import { type Contradiction, findContradictions } from "./contradictions.ts";
import { ddcolorContradictions } from "./ddcolor_contradictions.ts";
import { lossContradictions, trialContradictions } from "./losses.ts";
import { rateContradictions } from "./rate_contradictions.ts";
import { recipeNames, withRecipe } from "./recipes.ts";
import { replicaContradictions } from "./replica_contradictions.ts";
import { shapeContradictions } from "./shape_contradictions.ts";
import { validationContradictions } from "./validation_contradictions.ts";

export { patchSide } from "./shape_contradictions.ts";

/** What can be done about an unhealthy run: each of its options' choices, the default first. */
const healthPolicies = ["warn", "pause", "rollback", "off"] as const;

/**
 * Every option of a training run: its default, range, unit and meaning, once. The command line's
 * flags, the Train request, the checkpoint's record and the documentation are made from this table.
 */
export const trainingOptions = {
  recipe: choice(recipeNames, "the way of training that options which are not given come from"),
  size: integer(256, [16, 2048], "side of the training square; photos are scaled to it", "pixels"),
  batchSize: integer(4, [1, 1024], "photos per step", "photos"),
  generator: choice(
    generatorNames,
    "the generator: pix2pix's U-Net, one whose way down is a residual network, or DDColor",
  ),
  nDown: integer(8, [5, 10], "halvings in the U-Net; size must be a multiple of 2^nDown"),
  ngf: integer(64, [1, 512], "channels of the generator's first block"),
  dropout: number(0.5, [0, 0.9], "dropout rate of the generator's middle blocks"),
  decoderNorm: choice(
    ["none", "batch", "spectral"],
    "resnet18 and resnet34: the decoder's normalization",
  ),
  encoderNorm: choice(
    ["train", "eval"],
    "resnet18 and resnet34: the encoder's batch norms in training, or as in evaluation",
  ),
  encoderRate: number(
    1,
    [0, 100],
    "all but unet: the encoder's learning rate, as a factor on lrG",
  ),
  freezeEncoderSteps: integer(
    0,
    [0, 1e9],
    "all but unet: steps at the start in which the encoder's weights stay",
    "steps",
  ),
  hints: boolean(false, "train a generator that also takes hints: points whose colours are given"),
  lambdaHint: number(10, [0, 1e6], "hints: weight of hinted pixels, as a factor on lambdaL1"),
  ndf: integer(64, [1, 512], "channels of the discriminator's first layer"),
  nLayers: integer(3, [1, 6], "strided layers of the discriminator after the first"),
  init: choice(["normal", "xavier", "kaiming"], "distribution of the initial weights"),
  initGain: number(0.02, [1e-6, 10], "standard deviation (normal) or gain (xavier) of the weights"),
  normD: choice(
    ["auto", "batch", "instance", "none", "spectral"],
    "the discriminator's normalization; auto: instance with wgangp, else batch",
  ),
  judge: choice(["ab", "rgb"], "what the discriminator judges: L beside ab, or the sRGB picture"),
  ganMode: choice(["vanilla", "lsgan", "wgangp", "hinge"], "the adversarial loss"),
  gpWeight: number(10, [0, 1e6], "wgangp: weight of the gradient penalty"),
  nCritic: integer(1, [1, 100], "updates of the discriminator per update of the generator"),
  lambdaL1: number(100, [0, 1e6], "weight of the L1 loss on ab"),
  lambdaColor: number(
    0,
    [0, 1e6],
    "weight of the colourfulness loss: the distance from the real pictures' colourfulness",
  ),
  lambdaPerceptual: number(
    0,
    [0, 1e6],
    "weight of the perceptual loss: how unlike results and photos look to a network",
  ),
  perceptual: choice(
    ["vgg16", "encoder"],
    "the network of the perceptual loss: a VGG16, or the encoder as it was at the start",
  ),
  targetSaturation: number(
    1,
    [0, 3],
    "factor on the chroma of the real pictures that the losses of colour compare with",
  ),
  pretrainSteps: integer(
    0,
    [0, 1e9],
    "steps at the start in which only the generator learns, without the discriminator",
    "steps",
  ),
  criticSteps: integer(
    0,
    [0, 1e9],
    "steps after pretrainSteps in which only the discriminator learns",
    "steps",
  ),
  poolSize: integer(
    0,
    [0, 10_000],
    "generated pictures kept and shown to the discriminator again; 0: none",
    "pictures",
  ),
  accumulate: integer(1, [1, 1024], "batches per step; their gradients are averaged", "batches"),
  labelReal: number(1, [0, 2], "the discriminator's target for real pictures (0.9 smooths it)"),
  labelFake: number(0, [-1, 1], "the discriminator's target for generated pictures"),
  lrG: number(2e-4, [0, 1], "learning rate of the generator"),
  lrD: number(2e-4, [0, 1], "learning rate of the discriminator"),
  lrPretrain: number(0, [0, 1], "learning rate of the generator in pretrainSteps; 0: as lrG"),
  lrCritic: number(0, [0, 1], "learning rate of the discriminator in criticSteps; 0: as lrD"),
  lrSchedule: choice(
    ["constant", "linear", "step", "cosine", "plateau"],
    "how both learning rates change during a run, by the same factor",
  ),
  lrDecayEpoch: integer(
    0,
    [0, 1_000_000],
    "linear: epochs at the full rates before the decay; 0: half of the run",
    "epochs",
  ),
  lrStepEpochs: integer(50, [1, 1_000_000], "step: epochs between reductions", "epochs"),
  lrGamma: number(0.1, [1e-6, 1], "step and plateau: factor of each reduction"),
  lrPatience: integer(
    10,
    [0, 100_000],
    "plateau: validations without improvement before the rate is reduced (patience)",
    "validations",
  ),
  lrMin: number(0, [0, 1], "cosine and plateau: lowest rates, as a fraction of lrG and lrD"),
  lrWarmupSteps: integer(0, [0, 1e9], "steps over which the rates rise from 0 to full", "steps"),
  clipNorm: number(
    0,
    [0, 1e6],
    "largest norm of each network's gradient; larger ones are scaled down; 0: no clipping",
  ),
  emaDecay: number(
    0,
    [0, 0.999999],
    "decay of the generator's exponential moving average; 0: no average",
  ),
  emaUse: choice(
    ["ema", "raw"],
    "weights that samples and validations use when there is a moving average",
  ),
  beta1: number(0.5, [0, 0.9999], "Adam's decay of the first moment"),
  beta2: number(0.999, [0, 0.999999], "Adam's decay of the second moment"),
  adamEpsilon: number(1e-8, [1e-12, 1], "Adam's epsilon, outside the square root as in PyTorch"),
  leakySlope: number(0.2, [0, 1], "slope of the leaky ReLUs below zero"),
  batchNormEpsilon: number(1e-5, [1e-12, 1], "epsilon under the batch norm's square root"),
  batchNormMomentum: number(0.1, [0, 1], "weight of each batch in the running statistics"),
  flip: boolean(true, "mirror half of the photos at random"),
  crop: number(1, [0.05, 1], "random crop: smallest fraction of a photo's area; 1: no crop"),
  rotate: number(0, [0, 45], "largest random rotation, either way; 0: none", "degrees"),
  saturationJitter: number(
    0,
    [0, 1],
    "largest random change of the saturation, in the target as well; 0: none",
  ),
  whiteBalanceJitter: number(
    0,
    [0, 30],
    "largest random shift of white in a and b, in the target as well; 0: none",
    "units of L*a*b*",
  ),
  blur: number(
    0,
    [0, 8],
    "largest sigma of a random blur of the L that the networks see; 0: none",
    "pixels",
  ),
  grain: number(
    0,
    [0, 30],
    "largest standard deviation of noise on the L that the networks see; 0: none",
    "units of L",
  ),
  cutout: number(
    0,
    [0, 0.9],
    "largest side of a random hole in the L that the networks see; 0: none",
    "of the photo's side",
  ),
  spectralFilm: number(
    0,
    [0, 1],
    "fraction of the photos whose L is as a film blind to red or a colour filter saw it; 0: none",
  ),
  epochs: integer(100, [1, 1_000_000], "passes over the training photos", "epochs"),
  maxSteps: integer(0, [0, 1e9], "stop after this many steps; 0 for no limit", "steps"),
  maxMinutes: number(0, [0, 1e6], "stop after this many minutes; 0 for no limit", "minutes"),
  validationFraction: number(0.1, [0, 0.9], "fraction of the photos kept for validation"),
  validationPhotos: integer(64, [0, 100_000], "most photos per validation", "photos"),
  validateEvery: integer(500, [0, 1e9], "steps between validations; 0 for never", "steps"),
  bestMetric: choice(
    ["psnr", "ssim", "delta-e2000", "ab-error", "l1", "colorfulness-ratio", "vivid-delta-e2000"],
    "validation metric that decides the best checkpoint",
  ),
  earlyStop: integer(
    0,
    [0, 100_000],
    "stop after this many validations without improvement; 0 for never",
    "validations",
  ),
  sampleEvery: integer(500, [0, 1e9], "steps between sample sheets; 0 for never", "steps"),
  sampleCount: integer(6, [1, 64], "pictures on a sample sheet", "pictures"),
  checkpointEvery: integer(
    1000,
    [0, 1e9],
    "steps between checkpoints; 0: only at the end",
    "steps",
  ),
  keepCheckpoints: integer(
    3,
    [1, 1000],
    "newest checkpoints kept, besides the best",
    "checkpoints",
  ),
  logEvery: integer(
    10,
    [1, 1e6],
    "steps between entries of metrics.jsonl, and at most between losses events of a job",
    "steps",
  ),
  onDiscriminatorWinning: choice(healthPolicies, "what to do when the discriminator is winning"),
  winningShare: number(
    0.05,
    [0, 1],
    "it wins when loss_D is below this fraction of the loss of guessing",
  ),
  winningSteps: integer(200, [1, 1e6], "and stays there for this many steps in a row", "steps"),
  onGrayCollapse: choice(healthPolicies, "what to do when the generator paints gray"),
  grayRatio: number(
    0.2,
    [0, 1],
    "it paints gray when validation photos keep less than this fraction of their colourfulness",
  ),
  grayValidations: integer(3, [1, 1000], "in this many validations in a row", "validations"),
  onLossSpike: choice(healthPolicies, "what to do when a loss spikes"),
  spikeFactor: number(10, [1.5, 1e6], "a loss spikes above this many times its running median"),
  spikeWindow: integer(100, [10, 10_000], "steps in the running median", "steps"),
  onNonFinite: choice(
    ["fail", "pause", "rollback"],
    "what to do when a loss or a weight is not finite",
  ),
  rollbackRate: number(0.5, [0.001, 1], "factor on the learning rates at each rollback"),
  maxRollbacks: integer(3, [1, 100], "rollbacks before the run fails", "rollbacks"),
  seed: integer(0, [0, 2 ** 31 - 1], "seed of every random draw"),
  precision: choice(["float32", "tf32", "bfloat16"], "arithmetic of convolutions"),
  xla: boolean(false, "compile the step with XLA (for GPUs; on a CPU it is slower)"),
} as const;

/** The values of `trainingOptions`, complete and checked. */
export type TrainingConfig = ValuesOf<typeof trainingOptions>;

/** What options may say against each other. */
const contradictions: readonly Contradiction<TrainingConfig>[] = [
  ...shapeContradictions,
  ...ddcolorContradictions,
  ...lossContradictions,
  ...rateContradictions,
  ...validationContradictions,
];

/** How a configuration is checked. */
export interface TrainingCheck {
  /** What the reader of an error calls an option; its own name when left out. */
  readonly nameOf?: OptionNaming | undefined;
  /** How many processes are to train together; 1 when left out. */
  readonly replicas?: number | undefined;
  /** Whether it is of a sweep, whose jobs name no weights. */
  readonly isTrial?: boolean | undefined;
}

/**
 * Every violation of a configuration; empty when it fits: single fields, and what those that are
 * right by themselves say against each other.
 */
export function trainingViolations(
  input: Readonly<Record<string, unknown>>,
  check: TrainingCheck = {},
): FieldViolation[] {
  return checkTrainingConfig(input, check).violations;
}

/**
 * Completes and checks a training configuration.
 *
 * @param input values by option name; what is missing takes its recipe's value, or its default.
 * @throws TinctError `invalid_argument` that names every wrong field.
 */
export function parseTrainingConfig(
  input: Readonly<Record<string, unknown>>,
  check: TrainingCheck = {},
): TrainingConfig {
  const { values, violations } = checkTrainingConfig(input, check);
  refuseViolations("The training options are invalid", violations, check.nameOf);
  return values;
}

/** The options with their recipe's values and the defaults, and what is wrong with each by itself. */
export function completeTrainingOptions(input: Readonly<Record<string, unknown>>) {
  return readOptions(trainingOptions, withRecipe(input));
}

function checkTrainingConfig(
  input: Readonly<Record<string, unknown>>,
  { nameOf = (option) => option, replicas = 1, isTrial = false }: TrainingCheck,
) {
  const { values, violations } = completeTrainingOptions(input);
  const wrong = new Set(violations.map(({ field }) => field));
  const all = [
    ...contradictions,
    ...(replicas > 1 ? replicaContradictions : []),
    ...(isTrial ? trialContradictions : []),
  ];
  violations.push(...findContradictions(all, values, wrong, nameOf));
  return { values, violations };
}
