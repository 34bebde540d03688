import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import type { Forward, ParameterSpec } from "./parameters.ts";
import { unet, type UnetConfig, unetOutputs, unetParameters } from "./unet.ts";

/** What decides how a generator is made and computes. */
export type GeneratorOptions = UnetConfig;

/** A generator's network: from lightness to colour. */
export interface GeneratorArchitecture {
  /** Its tensors, in PyTorch's order. */
  readonly parameters: readonly ParameterSpec[];
  /** The sides of its pictures are multiples of this, pixels. */
  readonly multiple: number;
  /** Channels of what it sees: L alone. */
  readonly channelsIn: 1;
  /** Whether a tanh keeps its ab in [-1, 1]; ab is linear, and of any size, where none does. */
  readonly isBounded: boolean;
  /**
   * @param L [B, H, W, 1] in [-1, 1].
   * @returns ab over 110, [B, H, W, 2].
   */
  forward(L: Tensor, forward: Forward): Tensor4D;
  /**
   * Numbers that its layers put out for one picture, of which the gradient needs nearly all.
   *
   * @param size side of the picture, pixels.
   */
  outputs(size: number): number;
}

/** The generator of a configuration. */
export function generatorArchitecture(options: GeneratorOptions): GeneratorArchitecture {
  return {
    parameters: unetParameters(options),
    multiple: 2 ** options.nDown,
    channelsIn: 1,
    isBounded: true,
    forward: (L, forward) => unet(L, forward, options),
    outputs: (size) => unetOutputs(size, options),
  };
}
