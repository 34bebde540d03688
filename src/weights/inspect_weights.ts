import { readEncoderWeights, resnetIn } from "../checkpoints/encoder_weights.ts";
import { resnetTensors } from "../checkpoints/resnet_tensors.ts";
import { openTensors } from "../checkpoints/open_tensors.ts";
import { prefixOf } from "../checkpoints/tensor_file.ts";
import { firstOfVgg, readVggWeights } from "../checkpoints/vgg_weights.ts";
import { readOptions } from "../config/option.ts";
import { type TrainingConfig, trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { checkForeignGenerator, findGenerator } from "../inference/foreign_generator.ts";
import type { GeneratorNotes } from "../inference/generator_notes.ts";
import { isGeneratorLike } from "../inference/recognize_generator.ts";

/** The networks whose weights jobs can use, as torchvision calls them, and our generators. */
export const weightsNetworks = ["resnet18", "resnet34", "vgg16_bn", "generator"] as const;

/** What is known of a file of weights that was found sound. */
export interface WeightsFacts {
  readonly network: typeof weightsNetworks[number];
  /** Channels of its first layer, 64 in torchvision; of a generator its `ngf`. */
  readonly width: number;
  /** Whether its first layer has three channels of colour. */
  readonly seesColor: boolean;
  /** How a generator is made; of others undefined. */
  readonly generator?: GeneratorShape | undefined;
}

/** What of a training's options decides which tensors a generator has. */
export const shapeOptions = ["generator", "ngf", "nDown", "hints", "decoderNorm"] as const;

/** The options of a generator's shape, and what else of its network a file notes that Tinct exported. */
export type GeneratorShape =
  & Pick<TrainingConfig, typeof shapeOptions[number]>
  & Omit<GeneratorNotes, "size">;

/**
 * Looks at all of a file's weights.
 *
 * @param path a file that `openTensors` opens.
 * @throws {TinctError} `failed_precondition` where it is none of the networks, or with all that is
 *   missing, of another shape, of another type or not finite; what `openTensors` throws.
 */
export async function inspectWeights(
  path: string,
  signal?: AbortSignal,
): Promise<WeightsFacts> {
  await using file = await openTensors(path, { signal });
  if (prefixOf(file, firstOfVgg) !== undefined) {
    const { width } = await readVggWeights(path, { signal });
    return { network: "vgg16_bn", width, seesColor: true };
  }
  const { network, width = 0 } = resnetIn(file) ?? {};
  const isResnet = network === "resnet18" || network === "resnet34";
  if (isGeneratorLike(file)) {
    try {
      return await inspectGenerator(path, signal);
    } catch (error) {
      const isMisfit = error instanceof TinctError && error.code === "failed_precondition";
      if (!isMisfit || !isResnet) throw error; // else its encoder may do, as DeOldify's does
    }
  }
  if (!isResnet) {
    const has = network === undefined
      ? `It has ${
        file.tensors.slice(0, 3).map(({ name }) => name.slice(0, 60)).join(", ") || "none"
      }`
      : `It is a ${network}`;
    throw new TinctError(
      "failed_precondition",
      `${path} does not hold the weights of a resnet18, a resnet34 or a vgg16_bn under ` +
        `torchvision's or timm's names, nor those of a generator. ${has}.`,
    );
  }
  const prefix = "layers.0.";
  const tensors = resnetTensors(network, width, prefix);
  const { seesColor } = await readEncoderWeights(path, { network, tensors, prefix, signal });
  return { network, width, seesColor: seesColor !== undefined };
}

async function inspectGenerator(path: string, signal?: AbortSignal): Promise<WeightsFacts> {
  const { from, config, notes: { size: _, ...noted } } = await findGenerator(path, { signal });
  const { generator, ngf, nDown, hints, decoderNorm } = config;
  const shape = { generator, ngf, nDown, hints, decoderNorm };
  const { violations: [wrong] } = readOptions(trainingOptions, shape);
  if (wrong !== undefined) {
    throw new TinctError(
      "failed_precondition",
      `${path} has a generator that no job can begin with: ${wrong.field} ${wrong.description}.`,
    );
  }
  await checkForeignGenerator(from, { ...config, dropout: 0 }, { signal });
  return {
    network: "generator",
    width: ngf,
    seesColor: false,
    generator: { ...shape, ...noted },
  };
}
