import { sideMultiple } from "../config/generators.ts";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { ddcolor } from "./ddcolor.ts";
import { ddcolorEncoder, ddcolorOutputs, ddcolorShape } from "./ddcolor_layers.ts";
import { dynamicUnet } from "./dynamic_unet.ts";
import { dynamicUnetOutputs, encoderPrefix } from "./dynamic_unet_layers.ts";
import {
  dynamicUnetConfig,
  type GeneratorOptions,
  generatorParameters,
  moreInputs,
} from "./generator_layers.ts";
import type { Forward, ParameterSpec } from "./parameters.ts";
import { unet } from "./unet.ts";
import { unetOutputs } from "./unet_layers.ts";

/** A generator's network: from lightness to colour. */
export interface GeneratorArchitecture {
  /** Its tensors, in PyTorch's order. */
  readonly parameters: readonly ParameterSpec[];
  /** The sides of its pictures are multiples of this, pixels. */
  readonly multiple: number;
  /** Whether a tanh keeps its ab in [-1, 1]; where none does, ab is linear and of any size. */
  readonly isBounded: boolean;
  /** What the names of its encoder's tensors begin with; undefined where it has no encoder. */
  readonly encoderPrefix: string | undefined;
  /**
   * @param input [B, H, W, 1 or 4]: L in [-1, 1], and hints behind it where it takes them.
   * @returns ab over 110, [B, H, W, 2].
   */
  forward(input: Tensor, forward: Forward): Tensor4D;
  /**
   * Numbers that its layers put out for one picture; the gradient needs nearly all of them.
   *
   * @param size side of the picture, pixels.
   */
  outputs(size: number): number;
}

/** The generator of a configuration. */
export function generatorArchitecture(options: GeneratorOptions): GeneratorArchitecture {
  const parameters = generatorParameters(options);
  const multiple = sideMultiple(options);
  if (options.generator === "ddcolor-tiny") {
    const shape = ddcolorShape(options.ngf);
    return {
      ...{ parameters, multiple, encoderPrefix: ddcolorEncoder },
      isBounded: false,
      forward: (input, forward) => ddcolor(input, forward, shape),
      outputs: (size) => ddcolorOutputs(size, shape),
    };
  }
  if (options.generator !== "unet") {
    const config = dynamicUnetConfig(options);
    return {
      ...{ parameters, multiple, encoderPrefix },
      isBounded: false,
      forward: (input, forward) => dynamicUnet(input, forward, config),
      outputs: (size) => dynamicUnetOutputs(size, config),
    };
  }
  const config = { ...options, moreInputs: moreInputs(options) };
  return {
    ...{ parameters, multiple, encoderPrefix: undefined },
    isBounded: true,
    forward: (input, forward) => unet(input, forward, config),
    outputs: (size) => unetOutputs(size, options),
  };
}
