import { readForeignTensors } from "./foreign_tensors.ts";
import { openTensors } from "./open_tensors.ts";
import { prefixOf, type TensorFile } from "./tensor_file.ts";
import type { TensorSpec } from "./tensor_specs.ts";

/** The first convolution's weight, by which a file is known. */
export const firstOfVgg = "features.0.weight";

/** Channels of the first block of torchvision's network. */
const WIDTH = 64;

/** What the perceptual loss needs of a VGG16 with batch norm. */
export interface VggWeights {
  /** Channels of its first block, 64 in torchvision's. */
  readonly width: number;
  /** By torchvision's names, in PyTorch's layouts. */
  readonly values: ReadonlyMap<string, Float32Array>;
  /** Of the whole file. */
  readonly sha256: string;
}

/** The tensors of torchvision's `vgg16_bn` up to conv5_1, in PyTorch's layouts. */
export function vggTensors(width: number): TensorSpec[] {
  const tensors: TensorSpec[] = [];
  let [index, input] = [0, 3];
  for (const [block, count] of [2, 2, 3, 3, 1].entries()) {
    const output = width * Math.min(2 ** block, 8);
    for (let layer = 0; layer < count; layer++, index += 3, input = output) {
      tensors.push({ name: `features.${index}.weight`, shape: [output, input, 3, 3] });
      tensors.push({ name: `features.${index}.bias`, shape: [output] });
      if (block === 4) continue; // nothing is looked at behind the last convolution
      for (const part of ["weight", "bias", "running_mean", "running_var"]) {
        tensors.push({ name: `features.${index + 1}.${part}`, shape: [output] });
      }
    }
    index++; // the pooling
  }
  return tensors;
}

/**
 * Reads the weights of torchvision's VGG16 with batch norm, or of a narrower one, of any floating type
 * and with whatever stands before all names; tensors that are not needed are left alone.
 *
 * @throws {TinctError} `failed_precondition` with all that is missing, of another shape, of another
 *   type or not finite; what `openTensors` throws.
 */
export async function readVggWeights(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<VggWeights> {
  await using file = await openTensors(path, { signal });
  const before = prefixOf(file, firstOfVgg) ?? "";
  const width = widthIn(file, before);
  const wanted = vggTensors(width)
    .map(({ name, shape }) => ({ name, foreign: before + name, shapes: [shape] }));
  const misfit = "does not hold torchvision's VGG16 with batch norm (vgg16_bn)";
  const values = await readForeignTensors(file, wanted, { misfit, signal });
  return { width, values, sha256: (await file.digest({ signal })).sha256 };
}

/** The channels of its first block; torchvision's where the file does not tell. */
function widthIn(file: TensorFile, before: string): number {
  const shape = file.get(before + firstOfVgg)?.shape ?? [];
  return shape.length === 4 ? shape[0]! : WIDTH;
}
