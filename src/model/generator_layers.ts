import { type GeneratorName, isResidual } from "../config/generators.ts";
import { ddcolorIdle, ddcolorParameters, ddcolorShape } from "./ddcolor_layers.ts";
import {
  type DecoderNorm,
  type DynamicUnetConfig,
  dynamicUnetParameters,
} from "./dynamic_unet_layers.ts";
import type { ParameterSpec } from "./parameters.ts";
import { type UnetConfig, unetParameters } from "./unet_layers.ts";

/**
 * Channels of hints behind L: a and b over 110, and a mask that is 1 where there is a hint; all are 0
 * elsewhere (Zhang et al., 2017, "Real-time user-guided image colorization").
 */
export const hintChannels = 3;

/** What decides how a generator is made and computes; `nDown` and `dropout` are the U-Net's. */
export interface GeneratorOptions extends Omit<UnetConfig, "moreInputs"> {
  /** By its name: that of a ResNet is the dynamic U-Net that has it as its encoder. */
  readonly generator: GeneratorName;
  /** Of the decoder; the U-Net's is batch norm whatever it says. */
  readonly decoderNorm: DecoderNorm;
  /** Whether it takes hints behind L; see `hintChannels`. */
  readonly hints: boolean;
}

/** A generator's tensors, in PyTorch's order. */
export function generatorParameters(
  options: Omit<GeneratorOptions, "leakySlope">,
): ParameterSpec[] {
  switch (options.generator) {
    case "unet":
      return unetParameters({ ...options, moreInputs: moreInputs(options) });
    case "ddcolor-tiny":
      return ddcolorParameters(ddcolorShape(options.ngf));
    case "resnet18":
    case "resnet34":
      return dynamicUnetParameters(dynamicUnetConfig(options));
  }
}

/** Names of tensors that files of other programs have beside a generator's own, and that it does not need. */
export function idleTensors({ generator }: Pick<GeneratorOptions, "generator">): readonly string[] {
  return generator === "ddcolor-tiny" ? ddcolorIdle : [];
}

/**
 * The shape of a dynamic U-Net.
 *
 * @throws TypeError for another generator.
 */
export function dynamicUnetConfig(
  options: Pick<GeneratorOptions, "generator" | "ngf" | "decoderNorm" | "hints">,
): DynamicUnetConfig {
  const { generator, ngf: width, decoderNorm } = options;
  if (!isResidual(generator)) {
    throw new TypeError(`${generator} is no dynamic U-Net.`);
  }
  return { encoder: generator, width, decoderNorm, moreInputs: moreInputs(options) };
}

/** How many channels a generator sees behind L. */
export function moreInputs({ hints }: Pick<GeneratorOptions, "hints">): number {
  return hints ? hintChannels : 0;
}
