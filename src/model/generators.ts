import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import {
  type DecoderNorm,
  dynamicUnet,
  type DynamicUnetConfig,
  dynamicUnetOutputs,
  dynamicUnetParameters,
  encoderPrefix,
} from "./dynamic_unet.ts";
import { hintChannels } from "./hints.ts";
import type { Forward, ParameterSpec } from "./parameters.ts";
import type { ResnetName } from "./resnet.ts";
import { unet, type UnetConfig, unetOutputs, unetParameters } from "./unet.ts";

/** A generator's name: that of its encoder where it has one of its own. */
type GeneratorName = "unet" | ResnetName;

/** What decides how a generator is made and computes; `nDown` and `dropout` are the U-Net's. */
export interface GeneratorOptions extends Omit<UnetConfig, "moreInputs"> {
  readonly generator: GeneratorName;
  /** Of the decoder; the U-Net's is batch norm whatever it says. */
  readonly decoderNorm: DecoderNorm;
  /** Whether it takes hints behind L; see `hintChannels`. */
  readonly hints: boolean;
}

/** A generator's network: from lightness to colour. */
export interface GeneratorArchitecture {
  /** Its tensors, in PyTorch's order. */
  readonly parameters: readonly ParameterSpec[];
  /** The sides of its pictures are multiples of this, pixels. */
  readonly multiple: number;
  /** Whether a tanh keeps its ab in [-1, 1]; where none does, ab is linear and of any size. */
  readonly isBounded: boolean;
  /**
   * What the names of its encoder's tensors begin with; undefined where no part of it can come from
   * another network.
   */
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
  if (options.generator !== "unet") return encodedArchitecture(dynamicUnetConfig(options));
  const config = { ...options, moreInputs: moreInputs(options) };
  return {
    parameters: unetParameters(config),
    multiple: 2 ** options.nDown,
    isBounded: true,
    encoderPrefix: undefined,
    forward: (input, forward) => unet(input, forward, config),
    outputs: (size) => unetOutputs(size, options),
  };
}

/**
 * The shape of a generator with an encoder of its own.
 *
 * @throws TypeError for the U-Net, which has none.
 */
export function dynamicUnetConfig(
  options: Pick<GeneratorOptions, "generator" | "ngf" | "decoderNorm" | "hints">,
): DynamicUnetConfig {
  const { generator, ngf: width, decoderNorm } = options;
  if (generator === "unet") throw new TypeError("The U-Net has no encoder of its own.");
  return { encoder: generator, width, decoderNorm, moreInputs: moreInputs(options) };
}

/** How many channels a generator sees behind L. */
function moreInputs({ hints }: Pick<GeneratorOptions, "hints">): number {
  return hints ? hintChannels : 0;
}

function encodedArchitecture(config: DynamicUnetConfig): GeneratorArchitecture {
  return {
    parameters: dynamicUnetParameters(config),
    multiple: 32,
    isBounded: false,
    encoderPrefix,
    forward: (input, forward) => dynamicUnet(input, forward, config),
    outputs: (size) => dynamicUnetOutputs(size, config),
  };
}
