import { prefixOf, refuseForeign, type TensorFile } from "../checkpoints/tensor_file.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { ddcolorEncoder } from "../model/ddcolor_layers.ts";
import { encoderPrefix } from "../model/dynamic_unet_layers.ts";
import { hintChannels } from "../model/generator_layers.ts";
import type { GeneratorConfig } from "./frozen_network.ts";
import { type GeneratorNotes, readGeneratorNotes } from "./generator_notes.ts";

/** A generator that was found in a file. */
interface RecognizedGenerator {
  /** A model of several networks puts a name before each, such as "net_G.". */
  readonly prefix: string;
  /** What the names of its tensors begin with behind that: "model.model.", "layers." or nothing. */
  readonly root: string;
  readonly config: GeneratorConfig;
  /** What of the configuration the file itself notes. */
  readonly notes: GeneratorNotes;
}

/** The first convolution of the U-Net, [ngf, 1, 4, 4]; one that takes hints sees 4 channels. */
const firstOfUnet = "model.model.0.weight";

/** That of a residual encoder, [ngf, 1, 7, 7]. */
const firstOfEncoder = `${encoderPrefix}0.weight`;

/** That of DDColor's ConvNeXt, [1.5 ngf, 3, 4, 4]. */
const firstOfDdcolor = `${ddcolorEncoder}arch.downsample_layers.0.0.weight`;

/** The batch norm behind a residual encoder, which an encoder alone does not have. */
const behindEncoder = "layers.1.weight";

/** Whether a file has the first tensor of a generator, of whatever shape; an encoder alone is none. */
export function isGeneratorLike(file: Pick<TensorFile, "tensors">): boolean {
  const has = (name: string) => prefixOf(file, name) !== undefined;
  return has(firstOfUnet) || has(firstOfDdcolor) || (has(firstOfEncoder) && has(behindEncoder));
}

/**
 * Tells how the generator of a file is made: by its tensors, and by what a file that Tinct exported
 * notes beside them.
 *
 * @throws {TinctError} failed_precondition when the file has none that can be used here; data_loss for a
 *   note that cannot be true.
 */
export function recognizeGenerator(file: TensorFile): RecognizedGenerator {
  const recognized = recognizeTensors(file);
  const notes = readGeneratorNotes(file);
  return { ...recognized, config: { ...recognized.config, ...notes }, notes };
}

function recognizeTensors(file: TensorFile): Omit<RecognizedGenerator, "notes"> {
  const ddcolor = recognizeDdcolor(file);
  if (ddcolor !== undefined) return ddcolor;
  const firsts = [firstOfUnet, firstOfEncoder];
  const isFirst = ({ shape }: { readonly shape: readonly number[] }) =>
    shape.length === 4 && (shape[1] === 1 || shape[1] === 1 + hintChannels);
  const known = firsts.find((name) => prefixOf(file, name, isFirst) !== undefined) ?? firstOfUnet;
  const prefix = prefixOf(file, known, isFirst) ?? "";
  const first = file.get(prefix + known);
  const foreignFirst = file.foreign.find(({ name }) =>
    [...firsts, firstOfDdcolor].some((each) => name.endsWith(each))
  );
  if (first === undefined && foreignFirst !== undefined) refuseForeign(file, [foreignFirst.name]);
  const isOfIt = (name: string) => name.startsWith(prefix) && name.endsWith(".weight");
  refuseForeign(file, file.foreign.map(({ name }) => name).filter(isOfIt));
  const [ngf = 0, channels = 1] = first !== undefined && isFirst(first) ? first.shape : [];
  const hints = channels > 1;
  const convolutions = file.tensors.filter(({ name, shape }) =>
    name.startsWith(prefix + rootOf(known)) && shape.length === 4
  );
  if (ngf >= 1 && known === firstOfEncoder) {
    return { prefix, root: rootOf(known), config: { ...encodedConfig(file, prefix, ngf), hints } };
  }
  const nDown = Math.floor(convolutions.length / 2);
  if (ngf < 1 || nDown < 2) {
    throw new TinctError(
      "failed_precondition",
      `${file.path} is no generator that can be used here: it has no tensor ${firstOfUnet} of shape ` +
        "[ngf, 1, 4, 4] and no levels below it, as the U-Net of the common PyTorch implementation " +
        `has, none ${firstOfEncoder} of shape [ngf, 1, 7, 7], as fastai's U-Net of a ResNet has, and ` +
        `none ${firstOfDdcolor} of shape [96, 3, 4, 4], as DDColor-T has.`,
    );
  }
  const { size } = trainingOptions;
  // The names of so many levels, one within the other, would take more memory than there is.
  if (2 ** nDown > size.max) {
    throw new TinctError(
      "failed_precondition",
      `${file.path} is no generator that can be used here: its U-Net would halve pictures ${nDown} ` +
        `times, and pictures have at most ${size.max} pixels a side.`,
    );
  }
  return {
    prefix,
    root: rootOf(known),
    config: {
      ...usual(ngf),
      generator: "unet",
      hints,
      nDown,
      size: Math.max(size.default, 2 ** nDown),
    },
  };
}

/** Side that DDColor's own program colorizes at, pixels. */
const ddcolorSize = 512;

/** @returns undefined where the file has no DDColor. */
function recognizeDdcolor(file: TensorFile): Omit<RecognizedGenerator, "notes"> | undefined {
  const prefix = prefixOf(
    file,
    firstOfDdcolor,
    ({ shape }) => shape.length === 4 && shape[1] === 3,
  );
  if (prefix === undefined) return undefined;
  refuseForeign(
    file,
    file.foreign.map(({ name }) => name)
      .filter((name) => name.startsWith(prefix) && /\.weight(_orig)?$/.test(name)),
  );
  if (file.get(`${prefix}${ddcolorEncoder}arch.stages.2.9.gamma`) !== undefined) {
    throw new TinctError(
      "failed_precondition",
      `${file.path} is a DDColor with a larger encoder than ConvNeXt-T, whose third stage has 9 ` +
        "blocks: only that one (ddcolor_paper_tiny) is a generator here.",
    );
  }
  const [width = 0] = file.get(prefix + firstOfDdcolor)?.shape ?? [];
  return {
    prefix,
    root: "",
    config: {
      ...usual(Math.round(width * 2 / 3)),
      generator: "ddcolor-tiny",
      size: ddcolorSize,
    },
  };
}

/** What the names of a generator's tensors begin with, by its first. */
function rootOf(first: string): string {
  return first === firstOfUnet ? "model.model." : "layers.";
}

/** By the blocks of the first stage: ResNet-18 has two, ResNet-34 three. */
function encodedConfig(file: TensorFile, prefix: string, ngf: number): GeneratorConfig {
  const has = (name: string) => file.tensors.some((tensor) => tensor.name === prefix + name);
  return {
    ...usual(ngf),
    generator: has(`${encoderPrefix}4.2.conv1.weight`) ? "resnet34" : "resnet18",
    decoderNorm: has("layers.3.0.0.weight_orig")
      ? "spectral"
      : has("layers.3.0.1.weight")
      ? "batch"
      : "none",
  };
}

/** What tensors do not tell, as it is by default. */
function usual(ngf: number): GeneratorConfig {
  const { size, nDown, leakySlope, batchNormEpsilon, decoderNorm } = trainingOptions;
  return {
    generator: "unet",
    decoderNorm: decoderNorm.default,
    hints: false,
    nDown: nDown.default,
    ngf,
    size: size.default,
    leakySlope: leakySlope.default,
    batchNormEpsilon: batchNormEpsilon.default,
  };
}
