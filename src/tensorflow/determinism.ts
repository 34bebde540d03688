import type { Symbols } from "./symbols.ts";

/**
 * Says for the whole process whether operations must compute the same numbers, to the last bit,
 * whenever they are given the same. On a GPU many sum up in the order in which threads finish unless they
 * are told so, and convolutions take the algorithm that happened to be quickest. On a CPU they do
 * anyway.
 *
 * @returns whether the library could be told: TensorFlow's C API has no function for it, and a build
 *   may lack the C++ one.
 */
export function requireDeterminism(symbols: Symbols, required: boolean): boolean {
  if (symbols.EnableOpDeterminism === null) return false;
  symbols.EnableOpDeterminism(Number(required));
  return true;
}

/** Whether they must; undefined where the library cannot say. */
export function determinismRequired(symbols: Symbols): boolean | undefined {
  return symbols.OpDeterminismRequired === null ? undefined : symbols.OpDeterminismRequired() !== 0;
}
