import type { TensorFile } from "../checkpoints/tensor_file.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { GeneratorConfig } from "./frozen_network.ts";

/** What tensors do not tell of a generator. */
const untold = ["size", "leakySlope", "batchNormEpsilon"] as const;

type Untold = Pick<GeneratorConfig, typeof untold[number]>;

/** What a file notes of it. */
export type GeneratorNotes = Partial<Untold>;

/** Other programs may note a "size", too. */
const noteOf = (name: typeof untold[number]) => `tinct.${name}`;

/** What a safetensors file notes of its generator, so that the file is enough to use it. */
export function generatorNotes(config: Untold): Record<string, string> {
  return Object.fromEntries(untold.map((name) => [noteOf(name), String(config[name])]));
}

/**
 * Reads what `generatorNotes` noted.
 *
 * @returns nothing of what the file does not note, as those of other programs.
 * @throws {TinctError} data_loss for a value that training does not take.
 */
export function readGeneratorNotes(
  { path, metadata }: Pick<TensorFile, "path" | "metadata">,
): GeneratorNotes {
  const notes: { -readonly [K in keyof Untold]?: number } = {};
  for (const name of untold) {
    const text = metadata.get(noteOf(name));
    if (text === undefined) continue;
    const { kind, min, max } = trainingOptions[name];
    const value = text.trim() === "" ? NaN : Number(text);
    if (!(value >= min && value <= max && (kind === "number" || Number.isInteger(value)))) {
      throw new TinctError(
        "data_loss",
        `${path} notes ${noteOf(name)} as ${JSON.stringify(text.slice(0, 60))}, which must be ` +
          `${kind === "integer" ? "a whole number" : "a number"} from ${min} to ${max}.`,
      );
    }
    notes[name] = value;
  }
  return notes;
}
