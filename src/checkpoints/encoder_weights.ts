import { TinctError } from "../errors.ts";
import { openSafetensors, type SafetensorsFile } from "./safetensors.ts";
import { sameShape, type TensorSpec } from "./tensor_specs.ts";
import { isFloating, readAnyFloats } from "./tensor_values.ts";

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

/** The parts of a ResNet by their places in `torch.nn.Sequential`, and as torchvision calls them. */
const torchvisionParts: readonly (readonly [place: string, name: string])[] = [
  ["0", "conv1"],
  ["1", "bn1"],
  ["4", "layer1"],
  ["5", "layer2"],
  ["6", "layer3"],
  ["7", "layer4"],
];

/** So many faults are named, the others counted. */
const MAX_NAMED = 8;

/** The statistics of ImageNet that encoders were trained with, RGB in [0, 1]. */
const imageNet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] };

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
 * @returns the values of every tensor that is asked for, by its name here, in PyTorch's layout.
 * @throws {TinctError} `failed_precondition` for another network, and with all that is missing, of
 *   another shape, of another type or not finite; what `openSafetensors` throws.
 */
export async function readEncoderWeights(
  path: string,
  { network, tensors, prefix, signal }: EncoderWish,
): Promise<Map<string, Float32Array>> {
  await using file = await openSafetensors(path);
  const wanted = tensors.map(({ name, shape }) => ({ name, shape }));
  const found = findNames(file, wanted.map(({ name }) => name), prefix);
  refuseOthers(file, found, { network, prefix });
  const faults: Faults = { missing: [], misshapen: [], unread: [], unsound: [] };
  const values = new Map<string, Float32Array>();
  const first = `${prefix}0.weight`;
  for (const { name, shape } of wanted) {
    const foreign = found.nameOf(name);
    const info = file.get(foreign);
    if (info === undefined) {
      const other = file.foreign.find(({ name }) => name === foreign);
      if (other === undefined) faults.missing.push(foreign);
      else faults.unread.push(`${foreign} is of type ${other.dtype}`);
    } else if (!sameShape(info.shape, shape) && !(name === first && isOfColor(info.shape, shape))) {
      faults.misshapen.push(`${foreign} is [${info.shape}] instead of [${shape}]`);
    } else if (!isFloating(info.dtype)) {
      faults.unread.push(`${foreign} is of type ${info.dtype}`);
    } else {
      const read = await readAnyFloats(file, foreign, signal);
      const wrong = countUnsound(read, name);
      if (wrong > 0) faults.unsound.push(`${foreign} (${wrong} of ${read.length} numbers)`);
      values.set(name, read);
    }
  }
  refuseFaults(path, network, faults);
  if (file.get(found.nameOf(first))?.shape[1] === 3) foldColors(values, first, `${prefix}1`);
  return values;
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
  file: SafetensorsFile,
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

/** What stands before most of the wanted names, "" or up to a full stop; the shortest where several do. */
function commonStart(
  names: readonly string[],
  wanted: readonly string[],
): { before: string; count: number } {
  const set = new Set(wanted);
  const counts = new Map<string, number>();
  for (const name of names) {
    for (let at = 0; at !== -1 && at < name.length;) {
      if (set.has(name.slice(at))) {
        const before = name.slice(0, at);
        counts.set(before, (counts.get(before) ?? 0) + 1);
      }
      const dot = name.indexOf(".", at);
      at = dot === -1 ? -1 : dot + 1;
    }
  }
  const [best = ["", 0]] = [...counts].sort(([a, n], [b, m]) => m - n || a.length - b.length);
  return { before: best[0], count: best[1] };
}

/** Refuses a file that has no ResNet, or one of another depth. */
function refuseOthers(
  file: SafetensorsFile,
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
  const start = found.isTorchvision ? found.before : found.before + prefix;
  const inside = new Set(
    tensors.filter(({ name }) => name.startsWith(start)).map(({ name }) =>
      found.isTorchvision ? name.slice(start.length) : torchvisionName(name, start)
    ),
  );
  const other = resnetOf(inside);
  if (other === undefined || other === network) return;
  throw new TinctError(
    "failed_precondition",
    `${path} has the weights of a ${other}, and the generator's encoder is a ${network}: take the ` +
      `weights of a ${network}${
        ["resnet18", "resnet34"].includes(other) ? `, or a generator with a ${other}` : ""
      }.`,
  );
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

interface Faults {
  readonly missing: string[];
  readonly misshapen: string[];
  /** Of types that are not read. */
  readonly unread: string[];
  readonly unsound: string[];
}

function refuseFaults(
  path: string,
  network: string,
  { missing, misshapen, unread, unsound }: Faults,
): void {
  const list = [
    listed("missing", missing),
    listed("of another shape", misshapen),
    listed("not float32, float16 or bfloat16", unread),
    listed("not finite, or a variance under 0", unsound),
  ].filter((text) => text !== "");
  if (list.length === 0) return;
  throw new TinctError(
    "failed_precondition",
    `${path} cannot fill the encoder of a ${network}: ${list.join("; ")}. Nothing was changed.`,
  );
}

function listed(label: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : "";
  return `${label}: ${items.slice(0, MAX_NAMED).map(shortened).join(", ")}${more}`;
}

/** A name may be megabytes long; a message may not. */
function shortened(name: string): string {
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
}

/** Whether a first convolution is for three channels where one for L is wanted. */
function isOfColor(shape: readonly number[], wanted: readonly number[]): boolean {
  return sameShape(shape, [wanted[0] ?? 0, 3, ...wanted.slice(2)]);
}

function countUnsound(values: Float32Array, name: string): number {
  const least = name.endsWith(".running_var") ? 0 : -Infinity;
  return values.reduce(
    (count, value) => count + (Number.isFinite(value) && value >= least ? 0 : 1),
    0,
  );
}

/**
 * Makes a convolution of RGB, [out, 3, kh, kw], one of L, [out, 1, kh, kw]. A gray pixel is
 * v = (L + 1) / 2 in each channel, normalized (v - mean) / deviation: so a weight W of a channel counts
 * W / (2 deviation) times L, and leaves W (1/2 - mean) / deviation.
 */
function foldColors(values: Map<string, Float32Array>, first: string, norm: string): void {
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
  values.set(first, folded);
  values.set(`${norm}.running_mean`, shifted);
}
