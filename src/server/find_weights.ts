import { isResidual } from "../config/generators.ts";
import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { TrainRequest__Output } from "../protocol/generated/tinct/v1/train_request.ts";
import { choiceName, configViolations } from "../protocol/training_options.ts";
import { Violations } from "../calls/fields.ts";
import type { WeightsRole } from "../weights/held_weights.ts";
import { shapeMisfits } from "../weights/shape_misfits.ts";
import type { ReadyWeights } from "../weights/weights_files.ts";
import type { ServerContext } from "./context.ts";

/** What of a request says which weights a job is to have. */
type WeightsWish = Pick<
  TrainRequest__Output,
  "origin" | "startFrom" | "encoderWeights" | "perceptualWeights" | "generatorWeights"
>;

/** A file of weights that a job is to have. */
export interface WeightsToHold {
  readonly role: WeightsRole;
  readonly path: string;
}

/**
 * Notes what the names of weights say against the rest of a wish; no file is looked at.
 *
 * @throws {TinctError} not_found: there is no job to start from.
 */
export async function findWeightsFaults(
  { store }: Pick<ServerContext, "store">,
  wish: WeightsWish,
  config: TrainingConfig,
  violations: Violations,
): Promise<void> {
  const { encoderWeights, perceptualWeights, generatorWeights } = wish;
  const { generator, lambdaPerceptual } = config;
  const sees = seenBy(config);
  const refuse = (field: string, description: string) =>
    violations.check(false, field, description);
  const named = choiceName("generator", generator);
  const origin = wish.origin === "resumeFrom" ? "resume_from" : "start_from";
  if (generatorWeights !== "" && wish.origin !== undefined) {
    refuse(
      "generator_weights",
      `must be left out with ${origin}: its generator has weights already`,
    );
  } else if (generatorWeights !== "" && sees === "encoder") {
    refuse(
      "generator_weights",
      "do not go with config.perceptual PERCEPTUAL_NETWORK_ENCODER, which compares colours: a " +
        "generator sees lightness alone",
    );
  }
  if (generatorWeights !== "" && encoderWeights !== "") {
    refuse(
      "encoder_weights",
      "must be left out with generator_weights: its encoder has weights already",
    );
  } else if (encoderWeights !== "" && wish.origin !== undefined) {
    refuse("encoder_weights", `must be left out with ${origin}: its encoder has weights already`);
  } else if (encoderWeights !== "" && !isResidual(generator)) {
    refuse("encoder_weights", `needs config.generator GENERATOR_RESNET18 or 34, not ${named}`);
  } else if (
    sees === "encoder" && encoderWeights === "" && generatorWeights === "" &&
    !(await hasEncoder({ store }, wish))
  ) {
    refuse(
      "encoder_weights",
      "is required where config.perceptual is PERCEPTUAL_NETWORK_ENCODER: an encoder whose weights " +
        "are drawn has learned to see nothing",
    );
  }
  if (perceptualWeights !== "" && sees !== "vgg16") {
    const why = sees === undefined
      ? "config.lambda_perceptual is 0"
      : "config.perceptual is PERCEPTUAL_NETWORK_ENCODER";
    refuse("perceptual_weights", `would not be used: ${why}`);
  } else if (perceptualWeights === "" && sees === "vgg16") {
    refuse(
      "perceptual_weights",
      `is required where config.lambda_perceptual is ${lambdaPerceptual}: UploadWeights brings ` +
        "those of a vgg16_bn; or see with the encoder, config.perceptual PERCEPTUAL_NETWORK_ENCODER",
    );
  }
}

/**
 * The weights that a wish names.
 *
 * @param told takes note of all that is wrong with them; without it that is thrown.
 * @throws {TinctError} invalid_argument where they do not fit, with all that is wrong; not_found: there
 *   are none of this name; failed_precondition: they still arrive.
 */
export async function findWeights(
  context: Pick<ServerContext, "store" | "weights">,
  wish: WeightsWish,
  config: TrainingConfig,
  told?: Violations,
): Promise<WeightsToHold[]> {
  const { weights } = context;
  const { encoderWeights, perceptualWeights, generatorWeights } = wish;
  const violations = told ?? new Violations();
  const refuse = (field: string, description: string) =>
    violations.check(false, field, description);
  await findWeightsFaults(context, wish, config, violations);
  if (!told) violations.refuse();
  const read = (field: string, name: string) => {
    const reading = () => readyWeights(weights, name);
    return told ? told.gather(field, reading) : reading();
  };
  const encoder = await read("encoder_weights", encoderWeights);
  const perceptual = await read("perceptual_weights", perceptualWeights);
  const generator = await read("generator_weights", generatorWeights);
  const sees = seenBy(config);
  const named = choiceName("generator", config.generator);
  if (encoder !== undefined) {
    const { network, width, seesColor, generator: whole } = encoder;
    // A whole generator has an encoder, too.
    if ((whole?.generator ?? network) !== config.generator) {
      const of = whole === undefined ? network : `generator ${whole.generator}`;
      refuse("encoder_weights", `are those of a ${of}, and config.generator is ${named}`);
    } else if (width !== config.ngf) {
      refuse("encoder_weights", `are ${width} channels wide, and config.ngf is ${config.ngf}`);
    } else if (sees === "encoder" && !seesColor) {
      refuse(
        "encoder_weights",
        "see lightness alone, and config.perceptual PERCEPTUAL_NETWORK_ENCODER compares colours",
      );
    }
  }
  if (perceptual !== undefined && perceptual.network !== "vgg16_bn") {
    refuse("perceptual_weights", `are those of a ${perceptual.network}, not of a vgg16_bn`);
  }
  if (generator !== undefined) refuseMisfits(generator, config, violations);
  if (!told) violations.refuse();
  return [
    ...(encoder ? [{ role: "encoder" as const, path: weights.path(encoderWeights) }] : []),
    ...(perceptual ? [{ role: "perceptual" as const, path: weights.path(perceptualWeights) }] : []),
    ...(generator ? [{ role: "generator" as const, path: weights.path(generatorWeights) }] : []),
  ];
}

/** Notes the options by which a generator's weights are of another shape than the configuration's. */
function refuseMisfits(
  { network, generator: shape }: ReadyWeights,
  config: TrainingConfig,
  violations: Violations,
): void {
  if (shape === undefined) {
    violations.check(false, "generator_weights", `are those of a ${network}, not of a generator`);
    return;
  }
  const wordOf = (option: string, value: unknown) =>
    typeof value === "string" ? choiceName(option, value) : String(value);
  violations.add(configViolations(shapeMisfits(shape, config, wordOf)));
}

/** The network that the perceptual loss sees with; undefined where there is none. */
function seenBy({ lambdaPerceptual, perceptual }: TrainingConfig) {
  return lambdaPerceptual === 0 ? undefined : perceptual;
}

/** Whether the checkpoint that a wish begins with brings an encoder to see with. */
async function hasEncoder(
  { store }: Pick<ServerContext, "store">,
  { origin, startFrom }: WeightsWish,
): Promise<boolean> {
  if (origin === undefined) return false;
  if (origin === "resumeFrom" || !startFrom) return true;
  const { config } = await store.jobs.get(startFrom.jobId);
  return Number(config["lambdaPerceptual"] ?? 0) > 0 && config["perceptual"] === "encoder";
}

async function readyWeights(
  weights: ServerContext["weights"],
  name: string,
): Promise<ReadyWeights | undefined> {
  if (name === "") return undefined;
  const { ready } = await weights.get(name);
  if (ready !== undefined) return ready;
  throw new TinctError(
    "failed_precondition",
    `The weights ${name} are not complete yet; go on with UploadWeights.`,
  );
}
