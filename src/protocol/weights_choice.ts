import { wordOf } from "./enum_words.ts";
import type {
  GeneratorWeights,
  GeneratorWeights__Output,
} from "./generated/tinct/v1/generator_weights.ts";

/** Which weights a message names; undefined where it leaves the choice, or for an unknown value. */
export function weightsOf(value: GeneratorWeights__Output | number): "ema" | "raw" | undefined {
  type Name = keyof typeof GeneratorWeights;
  const word = wordOf<"GENERATOR_WEIGHTS_", Name>("GENERATOR_WEIGHTS_", value as Name | number);
  return word === "EMA" ? "ema" : word === "RAW" ? "raw" : undefined;
}

/** The value for a message; undefined leaves the choice. */
export function weightsMessage(weights: "ema" | "raw" | undefined): keyof typeof GeneratorWeights {
  if (weights === undefined) return "GENERATOR_WEIGHTS_UNSPECIFIED";
  return weights === "ema" ? "GENERATOR_WEIGHTS_EMA" : "GENERATOR_WEIGHTS_RAW";
}
