import type { Tensor } from "@tensorflow/tfjs";
import type { GeneratorOptions } from "../model/generators.ts";
import type { ConvolutionNames, FoldedConvolution } from "./folded_convolution.ts";

/** What decides what a trained generator computes. */
export interface GeneratorConfig extends Omit<GeneratorOptions, "dropout"> {
  /** Side of the pictures it sees, pixels; a multiple that its architecture tells. */
  readonly size: number;
  readonly batchNormEpsilon: number;
}

/** Reads a convolution with the batch norm after it; see `readFolded`. */
export type FoldedReader = (
  names: ConvolutionNames,
  outputAxis: 2 | 3,
) => Promise<FoldedConvolution>;

/** A network as inference runs it. Owns its layers. */
export interface FrozenNetwork extends Disposable {
  /**
   * Writes it into the trace that is open.
   *
   * @param L [B, size, size, 1] in [-1, 1].
   * @returns ab over 110, [B, size, size, 2].
   */
  forward(L: Tensor): Tensor;
}
