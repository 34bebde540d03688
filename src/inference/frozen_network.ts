import type { Tensor } from "@tensorflow/tfjs";
import type { GeneratorOptions } from "../model/generator_layers.ts";
import type { ConvolutionNames, FoldedConvolution } from "./folded_convolution.ts";

/** What decides what a trained generator computes. */
export interface GeneratorConfig extends Omit<GeneratorOptions, "dropout"> {
  /** Side of the pictures it sees, pixels; a multiple that its architecture tells. */
  readonly size: number;
  readonly batchNormEpsilon: number;
}

/** Reads layers with their batch norms folded; what it gives belongs to the caller. */
export interface FoldedReader {
  /** A convolution with the batch norm after it; see `readFolded`. */
  convolution(names: ConvolutionNames, outputAxis: 2 | 3): Promise<FoldedConvolution>;
  /** A batch norm by itself, by the prefix of its tensors; see `readNorm`. */
  norm(prefix: string): Promise<[scale: Tensor, shift: Tensor]>;
  /** A tensor as it is. */
  tensor(name: string): Promise<Tensor>;
}

/** A network as inference runs it. Owns its layers. */
export interface FrozenNetwork extends Disposable {
  /**
   * Writes it into the trace that is open.
   *
   * @param input [B, size, size, 1], L in [-1, 1], and hints behind it where it takes them.
   * @returns ab over 110, [B, size, size, 2].
   */
  forward(input: Tensor): Tensor;
}
