import type { JsonFields } from "../files/json_fields.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";

/** The configuration of a parity fixture, as a run of ours would have it. */
export type ParityConfig = TrainingConfig;

/** The names of PyTorch's initializers in the reference, and ours. */
const inits: Readonly<Record<string, TrainingConfig["init"]>> = {
  norm: "normal",
  normal: "normal",
  xavier: "xavier",
  kaiming: "kaiming",
};

/**
 * Reads `config` of a fixture's expected.json.
 *
 * @throws TinctError `data_loss` for a field that is missing or of another type, `invalid_argument`
 *   for a value that does not fit, `unimplemented` for a reference run with dropout.
 */
export function decodeParityConfig(fields: JsonFields): ParityConfig {
  const optional = (name: string, fallback: number) =>
    fields.has(name) ? fields.number(name) : fallback;
  if (optional("dropout", 0) !== 0) {
    throw new TinctError(
      "unimplemented",
      "The fixture was made with dropout, whose draws no other program repeats: make it with 0.",
    );
  }
  const { betas } = fields.value;
  const [beta1, beta2] = Array.isArray(betas) ? betas : [];
  const lr = fields.has("lr") ? fields.number("lr") : 2e-4;
  const init = fields.has("init") ? fields.string("init") : "norm";
  return parseTrainingConfig({
    size: fields.number("size"),
    batchSize: fields.number("batch"),
    generator: fields.has("generator") ? fields.string("generator") : "unet",
    decoderNorm: fields.has("decoder_norm") ? fields.string("decoder_norm") : "none",
    encoderNorm: fields.has("encoder_norm") ? fields.string("encoder_norm") : "train",
    encoderRate: optional("encoder_rate", 1),
    freezeEncoderSteps: optional("freeze_encoder_steps", 0),
    nDown: optional("n_down", 8),
    ngf: fields.number("ngf"),
    ndf: fields.number("ndf"),
    nLayers: optional("n_layers", 3),
    ganMode: fields.string("gan_mode"),
    judge: fields.has("judge") ? fields.string("judge") : "ab",
    targetSaturation: optional("target_saturation", 1),
    lambdaPerceptual: optional("lambda_perceptual", 0),
    perceptual: fields.has("perceptual") ? fields.string("perceptual") : "vgg16",
    normD: fields.has("norm_d") ? fields.string("norm_d") : "auto",
    gpWeight: optional("gp_weight", 10),
    lambdaColor: optional("lambda_color", 0),
    init: inits[init] ?? init,
    initGain: optional("init_gain", 0.02),
    dropout: 0,
    lambdaL1: fields.number("lambda_L1"),
    labelReal: optional("label_real", 1),
    labelFake: optional("label_fake", 0),
    lrG: optional("lr_G", lr),
    lrD: optional("lr_D", lr),
    beta1,
    beta2,
    adamEpsilon: optional("adam_eps", 1e-8),
    batchNormEpsilon: optional("bn_eps", 1e-5),
    batchNormMomentum: optional("bn_momentum", 0.1),
    leakySlope: optional("leaky_slope", 0.2),
    seed: optional("seed", 0),
  });
}
