import {
  checkForeignTensors,
  readForeignTensors,
  type WantedTensor,
} from "../checkpoints/foreign_tensors.ts";
import { openTensors } from "../checkpoints/open_tensors.ts";
import {
  type GeneratorOptions,
  generatorParameters,
  idleTensors,
} from "../model/generator_layers.ts";
import { pytorchShape } from "../model/parameters.ts";
import type { GeneratorConfig } from "./frozen_network.ts";
import type { GeneratorNotes } from "./generator_notes.ts";
import { recognizeGenerator } from "./recognize_generator.ts";

/** A generator in a file that another program wrote. */
export interface GeneratorFile {
  readonly path: string;
  /** What stands before the names of its tensors, and what these begin with behind that. */
  readonly prefix: string;
  readonly root: string;
}

/** How the generator of a file is made, and what of that the file itself notes. */
interface FoundGenerator {
  readonly from: GeneratorFile;
  readonly config: GeneratorConfig;
  readonly notes: GeneratorNotes;
}

/**
 * Finds the generator that a file holds, and how it is made; no tensor is read.
 *
 * @throws {TinctError} failed_precondition for a file that has none; data_loss for notes that cannot be
 *   true; what `openTensors` throws.
 */
export async function findGenerator(
  path: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<FoundGenerator> {
  await using file = await openTensors(path, options);
  const { prefix, root, config, notes } = recognizeGenerator(file);
  return { from: { path, prefix, root }, config, notes };
}

/**
 * Reads all tensors of a configuration's generator from a file that another program wrote. Where the
 * configuration takes hints, a generator that does not will do.
 *
 * @returns the values by the names here, in PyTorch's layouts.
 * @throws {TinctError} failed_precondition with all that is missing, of another shape, of another type,
 *   not finite, or of another network; what `openTensors` throws.
 */
export async function readForeignGenerator(
  from: GeneratorFile,
  config: ForeignConfig,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Map<string, Float32Array>> {
  await using file = await openTensors(from.path, { signal });
  return await readForeignTensors(file, wantedTensors(from, config), {
    ...wholeGenerator(from, config),
    misfit: "does not fit the generator that is configured",
    maxNamed: Infinity,
    signal,
  });
}

/**
 * Looks at all that `readForeignGenerator` would read, with one tensor in memory at a time.
 *
 * @throws {TinctError} as `readForeignGenerator` does; of many tensors it names some.
 */
export async function checkForeignGenerator(
  from: GeneratorFile,
  config: ForeignConfig,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<void> {
  await using file = await openTensors(from.path, { signal });
  await checkForeignTensors(file, wantedTensors(from, config), {
    ...wholeGenerator(from, config),
    misfit: `cannot fill a generator ${config.generator} of ngf ${config.ngf}`,
    signal,
  });
}

/** What decides which tensors are wanted. */
type ForeignConfig = Omit<GeneratorOptions, "leakySlope">;

function wantedTensors({ prefix }: GeneratorFile, config: ForeignConfig): WantedTensor[] {
  return generatorParameters(config).map((spec) => {
    const shape = pytorchShape(spec);
    const { zeroInputs = 0 } = spec;
    const [output = 0, inputs = 0, ...kernel] = shape;
    const fewer = zeroInputs > 0 ? [[output, inputs - zeroInputs, ...kernel]] : [];
    return { name: spec.name, foreign: prefix + spec.name, shapes: [...fewer, shape] };
  });
}

/** By what names a file has one generator and no other. */
function wholeGenerator({ prefix, root }: GeneratorFile, config: ForeignConfig) {
  return { whole: prefix + root, idle: idleTensors(config).map((name) => prefix + name) };
}
