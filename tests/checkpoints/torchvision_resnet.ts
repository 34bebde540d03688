import { writeSafetensors } from "../../src/checkpoints/safetensors.ts";
import type { TensorDtype, TensorSource } from "../../src/checkpoints/safetensors.ts";
import type { TensorSpec } from "../../src/checkpoints/tensor_specs.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { generatorArchitecture } from "../../src/model/generators.ts";
import { pytorchShape } from "../../src/model/parameters.ts";

/** An encoder's tensors in a generator of width 2, by their names there. */
export function encoderTensors(generator: "resnet18" | "resnet34"): TensorSpec[] {
  const { parameters } = generatorArchitecture(parseTrainingConfig({ generator, ngf: 2 }));
  return parameters.filter(({ name }) => name.startsWith("layers.0."))
    .map((spec) => ({ name: spec.name, shape: pytorchShape(spec) }));
}

/** What torchvision and timm call a tensor of the encoder. */
export function torchvisionName(name: string): string {
  const parts: Record<string, string> = {
    ...{ "0": "conv1", "1": "bn1", "4": "layer1", "5": "layer2", "6": "layer3", "7": "layer4" },
  };
  const [, , place = "", ...rest] = name.split(".");
  return [parts[place], ...rest].join(".");
}

/** The number at a place of a tensor: another for each, and exact in float16 and bfloat16. */
export function numberAt(name: string, index: number): number {
  const sum = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  const value = ((sum + 7 * index) % 64) / 32;
  return name.endsWith("running_var") ? value + 0.5 : value - 1;
}

/** Bytes of numbers in an element type. */
export function bytesOf(dtype: TensorDtype, values: readonly number[]): Uint8Array {
  switch (dtype) {
    case "F16":
      return new Uint8Array(new Float16Array(values).buffer);
    case "BF16": {
      const bits = new Uint32Array(new Float32Array(values).buffer);
      return new Uint8Array(Uint16Array.from(bits, (value) => value >>> 16).buffer);
    }
    default:
      return new Uint8Array(new Float32Array(values).buffer);
  }
}

/** What a file of weights is like. */
export interface ResnetFile {
  readonly before?: string;
  readonly dtype?: TensorDtype;
  /** Changes or leaves out (undefined) a tensor, by torchvision's name. */
  readonly change?: (name: string, shape: readonly number[]) => TensorSource | undefined;
  /** With the last layer and the counts of batches, which are not needed. */
  readonly whole?: boolean;
}

/** Writes a ResNet of width 2 as torchvision's state dict has it, `conv1` for RGB. */
export async function writeResnet(
  path: string,
  network: "resnet18" | "resnet34",
  { before = "", dtype = "F32", change, whole = true }: ResnetFile = {},
): Promise<void> {
  const sources: TensorSource[] = [];
  for (const { name, shape } of encoderTensors(network)) {
    const foreign = torchvisionName(name);
    const color = foreign === "conv1.weight" ? [shape[0]!, 3, ...shape.slice(2)] : shape;
    const source = change ? change(foreign, color) : tensorOf(foreign, color, dtype);
    if (source) sources.push({ ...source, name: before + source.name });
    if (whole && name.endsWith("running_var")) {
      const counted = before + foreign.replace("running_var", "num_batches_tracked");
      const data = () => new Uint8Array(BigInt64Array.of(7n).buffer);
      sources.push({ name: counted, dtype: "I64", shape: [], data });
    }
  }
  if (whole) sources.push(tensorOf(`${before}fc.weight`, [10, 16], dtype));
  await writeSafetensors(path, sources);
}

/** A tensor of `numberAt`. */
export function tensorOf(
  name: string,
  shape: readonly number[],
  dtype: TensorDtype = "F32",
): TensorSource {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (_, index) => numberAt(name, index));
  return { name, dtype, shape, data: () => bytesOf(dtype, values) };
}
