import { imageNet } from "../color/imagenet_facts.ts";
import { TinctError } from "../errors.ts";
import { shortened } from "../pytorch_files/faults.ts";
import { readForeignTensors } from "./foreign_tensors.ts";
import { openTensors } from "./open_tensors.ts";
import { resnetTensors } from "./resnet_tensors.ts";
import { isAveraged, type TensorFile } from "./tensor_file.ts";
import type { TensorSpec } from "./tensor_specs.ts";

/** What is to be filled with another network's weights. */
interface EncoderWish {
  /** What it is called, such as "resnet18". */
  readonly network: string;
  /** Its tensors by their names here, which begin with `prefix`, in PyTorch's layouts. */
  readonly tensors: readonly TensorSpec[];
  /** Such as "layers.0.". */
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

/** Weights of an encoder by their names here, in PyTorch's layouts. */
export interface EncoderWeights {
  /** For a generator that sees L; its first convolution has one input. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** As they were, for three channels; undefined where the file's network sees one alone. */
  readonly seesColor: ReadonlyMap<string, Float32Array> | undefined;
}

/** The parts of a ResNet by their places in `torch.nn.Sequential`, and as torchvision calls them. */
const torchvisionParts: readonly (readonly [place: string, name: string])[] = [
  ["0", "conv1"],
  ["1", "bn1"],
  ["4", "layer1"],
  ["5", "layer2"],
  ["6", "layer3"],
  ["7", "layer4"],
];

/**
 * Reads the weights of a ResNet that another program trained: torchvision's or timm's names (which are
 * the same), with whatever stands before all of them (`module.`, `backbone.`, …), or the names of a
 * generator here. Any floating type will do; tensors that are not needed are left alone.
 *
 * A first convolution for three channels is made one for L in [-1, 1]: what it makes of a gray picture
 * that was normalized with ImageNet's statistics. The constant that this leaves goes into the running
 * mean of the batch norm after it. Only at the picture's border, which is padded with zeros, is it not
 * the same to the last digit.
 *
 * @throws {TinctError} `failed_precondition` for another network, and with all that is missing, of
 *   another shape, of another type or not finite; what `openTensors` throws.
 */
export async function readEncoderWeights(
  path: string,
  { network, tensors, prefix, signal }: EncoderWish,
): Promise<EncoderWeights> {
  await using file = await openTensors(path, { signal });
  const wanted = tensors.map(({ name, shape }) => ({ name, shape }));
  const found = findNames(file, wanted.map(({ name }) => name), prefix);
  refuseOthers(file, found, { network, prefix });
  const first = `${prefix}0.weight`;
  const values = await readForeignTensors(
    file,
    wanted.map(({ name, shape }) => ({
      name,
      foreign: found.nameOf(name),
      shapes: name === first ? shapesOfFirst(shape) : [shape],
    })),
    { misfit: `cannot fill the encoder of a ${network}`, signal },
  );
  if (file.get(found.nameOf(first))?.shape[1] !== 3) return { values, seesColor: undefined };
  return { values: withFoldedColors(values, first, `${prefix}1`), seesColor: values };
}

/**
 * Which ResNet a file holds, by the names of its tensors.
 *
 * @returns undefined where it has none of their names; `network` undefined where it is none of the five.
 */
export function resnetIn(
  file: TensorFile,
): { readonly network: string | undefined; readonly width: number } | undefined {
  const prefix = "layers.0.";
  const names = resnetTensors("resnet34", 64, prefix).map(({ name }) => name); // has all of resnet18's
  const found = findNames(file, names, prefix);
  if (found.count === 0) return undefined;
  const [width = 64] = file.get(found.nameOf(`${prefix}0.weight`))?.shape ?? [];
  return { network: networkIn(file, found, prefix), width };
}

/** How the file calls the tensors. */
interface FoundNames {
  /** What stands before all names. */
  readonly before: string;
  readonly isTorchvision: boolean;
  /** How many of those that are wanted are there. */
  readonly count: number;
  nameOf(name: string): string;
}

/** What torchvision calls a tensor that is called `name` here. */
function torchvisionName(name: string, prefix: string): string {
  const [place = "", ...rest] = name.slice(prefix.length).split(".");
  const part = torchvisionParts.find(([number]) => number === place)?.[1] ?? place;
  return [part, ...rest].join(".");
}

/** Finds under which names the file has most of what is wanted. */
function findNames(
  file: TensorFile,
  wanted: readonly string[],
  prefix: string,
): FoundNames {
  const inTorchvision = (name: string) => torchvisionName(name, prefix);
  const names = [...file.tensors, ...file.foreign].map(({ name }) => name);
  const ways = [{ isTorchvision: true, rename: inTorchvision }, {
    isTorchvision: false,
    rename: (name: string) => name,
  }].map(({ isTorchvision, rename }): FoundNames => {
    const { before, count } = commonStart(names, wanted.map(rename));
    return { before, count, isTorchvision, nameOf: (name) => before + rename(name) };
  });
  return ways.reduce((best, way) => way.count > best.count ? way : best);
}

/**
 * What stands before most of the wanted names, "" or up to a full stop; where several do, that of a
 * moving average, then the shortest.
 */
function commonStart(
  names: readonly string[],
  wanted: readonly string[],
): { before: string; count: number } {
  const set = new Set(wanted);
  const longest = Math.max(...wanted.map(({ length }) => length));
  const counts = new Map<string, number>();
  for (const name of names) {
    for (let at = 0; at !== -1 && at < name.length;) {
      // Names of a stranger's file may be long and all full stops, each of which begins a rest.
      if (name.length - at <= longest && set.has(name.slice(at))) {
        const before = name.slice(0, at);
        counts.set(before, (counts.get(before) ?? 0) + 1);
      }
      const dot = name.indexOf(".", at);
      at = dot === -1 ? -1 : dot + 1;
    }
  }
  const [best = ["", 0]] = [...counts].sort(([a, n], [b, m]) =>
    m - n || Number(isAveraged(b)) - Number(isAveraged(a)) || a.length - b.length
  );
  return { before: best[0], count: best[1] };
}

/** Refuses a file that has no ResNet, or one of another depth. */
function refuseOthers(
  file: TensorFile,
  found: FoundNames,
  { network, prefix }: Pick<EncoderWish, "network" | "prefix">,
): void {
  const { path, tensors } = file;
  if (found.count === 0) {
    const some = tensors.slice(0, 3).map(({ name }) => shortened(name)).join(", ");
    const has = some === "" ? "It has no tensors" : `It has ${some}`;
    throw new TinctError(
      "failed_precondition",
      `${path} has no weights of a ResNet: none of its ${tensors.length} tensors has a name of ` +
        `torchvision's or timm's, such as layer1.0.conv1.weight. ${has}.`,
    );
  }
  const other = networkIn(file, found, prefix);
  if (other === undefined || other === network) return;
  throw new TinctError(
    "failed_precondition",
    `${path} has the weights of a ${other}, and the generator's encoder is a ${network}: take the ` +
      `weights of a ${network}${
        ["resnet18", "resnet34"].includes(other) ? `, or a generator with a ${other}` : ""
      }.`,
  );
}

function networkIn(
  { tensors }: TensorFile,
  { isTorchvision, before }: FoundNames,
  prefix: string,
): string | undefined {
  const start = isTorchvision ? before : before + prefix;
  const inside = tensors.filter(({ name }) => name.startsWith(start)).map(({ name }) =>
    isTorchvision ? name.slice(start.length) : torchvisionName(name, start)
  );
  return resnetOf(new Set(inside));
}

/** The ResNet that has these tensors, by its blocks (He et al., 2016); undefined for none of the five. */
function resnetOf(names: ReadonlySet<string>): string | undefined {
  const blocks = [1, 2, 3, 4].map((layer) => {
    let count = 0;
    while (names.has(`layer${layer}.${count}.conv1.weight`)) count++;
    return count;
  }).join();
  const isBottleneck = names.has("layer1.0.conv3.weight");
  const basic: Record<string, string> = { "2,2,2,2": "resnet18", "3,4,6,3": "resnet34" };
  const deep: Record<string, string> = {
    "3,4,6,3": "resnet50",
    "3,4,23,3": "resnet101",
    "3,8,36,3": "resnet152",
  };
  return (isBottleneck ? deep : basic)[blocks];
}

/**
 * The shapes that a first convolution may have in the file: with three channels, one of L, or as many
 * as are wanted; another network has none for hints behind L.
 */
function shapesOfFirst([output = 0, inputs = 1, ...kernel]: readonly number[]): number[][] {
  return [3, 1, inputs].map((channels) => [output, channels, ...kernel]);
}

/**
 * Makes a convolution of RGB, [out, 3, kh, kw], one of L, [out, 1, kh, kw]. A gray pixel is
 * v = (L + 1) / 2 in each channel, normalized (v - mean) / deviation: so a weight W of a channel counts
 * W / (2 deviation) times L, and leaves W (1/2 - mean) / deviation.
 */
function withFoldedColors(
  values: ReadonlyMap<string, Float32Array>,
  first: string,
  norm: string,
): Map<string, Float32Array> {
  const weight = values.get(first)!;
  const runningMean = values.get(`${norm}.running_mean`)!;
  const { mean, deviation } = imageNet;
  const area = weight.length / (3 * runningMean.length);
  const folded = new Float32Array(weight.length / 3);
  const shifted = new Float32Array(runningMean.length);
  for (let out = 0; out < runningMean.length; out++) {
    let constant = 0;
    for (let at = 0; at < area; at++) {
      let sum = 0;
      for (let channel = 0; channel < 3; channel++) {
        const value = weight[(3 * out + channel) * area + at]!;
        sum += value * 0.5 / deviation[channel]!;
        constant += value * (0.5 - mean[channel]!) / deviation[channel]!;
      }
      folded[out * area + at] = sum;
    }
    shifted[out] = runningMean[out]! - constant;
  }
  return new Map([...values, [first, folded], [`${norm}.running_mean`, shifted]]);
}
