import type { TensorFile } from "../checkpoints/tensor_file.ts";
import { readFloats } from "../checkpoints/tensor_values.ts";
import type { ConvolutionNames } from "../inference/folded_convolution.ts";
import type { TensorPieces } from "./onnx_graph.ts";
import { bytesOf } from "./onnx_types.ts";

/** Numbers that are worked on at a time, about, so that nothing else waits long: 1 MiB of them. */
const PIECE_NUMBERS = 2 ** 18;

/** Where a generator's tensors are. */
interface GeneratorTensors {
  readonly file: TensorFile;
  /** Stands before their names. */
  readonly prefix: string;
  /** Of every batch norm. */
  readonly epsilon: number;
}

/** How a convolution's weight lies in the file. */
export interface WeightLayout {
  /** [in, out, kh, kw] instead of [out, in, kh, kw]. */
  readonly isTransposed?: boolean;
  /** Only its first so many inputs are wanted, which goes with none that is transposed. */
  readonly inputs?: number | undefined;
}

/**
 * A generator's layers in PyTorch's layout, which is ONNX's, too: their batch norms are folded as
 * `readFolded` does it for inference, but without TensorFlow. A tensor is read when it is written.
 */
export class FoldedWeights {
  readonly #tensors: GeneratorTensors;

  constructor(tensors: GeneratorTensors) {
    this.#tensors = tensors;
  }

  /** The shape of a convolution's weight. */
  shapeOf({ weight }: ConvolutionNames, { inputs }: WeightLayout = {}): number[] {
    const { file, prefix } = this.#tensors;
    const [first = 0, second = 0, ...kernel] = file.get(prefix + weight)?.shape ?? [];
    return [first, inputs ?? second, ...kernel];
  }

  /** A convolution's weight with the batch norm after it. */
  weight(names: ConvolutionNames, layout: WeightLayout = {}): TensorPieces {
    return (signal) => this.#weight(names, layout, signal);
  }

  /** A convolution's bias, or what the batch norm after it adds; undefined where it has neither. */
  bias({ bias, norm }: ConvolutionNames): TensorPieces | undefined {
    if (norm !== undefined) return this.norm(norm).shift;
    return bias === undefined ? undefined : single((signal) => this.#read(bias, signal));
  }

  /** What a batch norm multiplies by, and what it adds then, [C] each; `channels` is C. */
  norm(prefix: string): {
    readonly channels: number;
    readonly scale: TensorPieces;
    readonly shift: TensorPieces;
  } {
    const { file, prefix: before } = this.#tensors;
    return {
      channels: file.get(`${before}${prefix}.weight`)?.shape[0] ?? 0,
      scale: single(async (signal) => (await this.#norm(prefix, signal)).scale),
      shift: single(async (signal) => (await this.#norm(prefix, signal)).shift),
    };
  }

  /** A tensor as it is. */
  tensor(name: string): { readonly shape: readonly number[]; readonly pieces: TensorPieces } {
    const { file, prefix } = this.#tensors;
    return {
      shape: file.get(prefix + name)?.shape ?? [],
      pieces: single((signal) => this.#read(name, signal)),
    };
  }

  /** As many numbers of a tensor as a shape takes, from a row on. */
  rows(name: string, from: number, shape: readonly number[]): TensorPieces {
    const { file, prefix } = this.#tensors;
    const [, ...each] = file.get(prefix + name)?.shape ?? [];
    const begin = each.reduce((a, b) => a * b, from);
    const count = shape.reduce((a, b) => a * b, 1);
    return single(async (signal) =>
      (await this.#read(name, signal)).subarray(begin, begin + count)
    );
  }

  async *#weight(
    names: ConvolutionNames,
    layout: WeightLayout,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const { spectral, norm, weight } = names;
    const [, given = 0] = this.shapeOf(names);
    const [first = 0, second = 0, ...kernel] = this.shapeOf(names, layout);
    const area = kernel.reduce((a, b) => a * b, 1);
    const values = await this.#read(weight, signal);
    const sigma = spectral === undefined ? 1 : spectralNorm(
      values,
      await this.#read(spectral.u, signal),
      await this.#read(spectral.v, signal),
    );
    const scale = norm === undefined ? undefined : (await this.#norm(norm, signal)).scale;
    // Rows are numbers of one output that lie together.
    const outputs = layout.isTransposed ? second : first;
    const [length, step] = layout.isTransposed ? [area, area] : [second * area, given * area];
    const rows = values.length / step;
    const atATime = Math.max(1, Math.floor(PIECE_NUMBERS / length));
    for (let from = 0; from < rows; from += atATime) {
      const piece = new Float32Array(Math.min(atATime, rows - from) * length);
      for (let row = 0; row * length < piece.length; row++) {
        const factor = (scale?.[(from + row) % outputs] ?? 1) / sigma;
        const start = (from + row) * step;
        for (let at = 0; at < length; at++) {
          piece[row * length + at] = values[start + at]! * factor;
        }
      }
      yield bytesOf(piece);
    }
  }

  async #norm(
    prefix: string,
    signal?: AbortSignal,
  ): Promise<{ readonly scale: Float32Array; readonly shift: Float32Array }> {
    const read = (part: string) => this.#read(`${prefix}.${part}`, signal);
    const [gamma, beta] = [await read("weight"), await read("bias")];
    const [mean, variance] = [await read("running_mean"), await read("running_var")];
    const { epsilon } = this.#tensors;
    const scale = gamma.map((value, c) => value / Math.sqrt(variance[c]! + epsilon));
    return { scale, shift: beta.map((value, c) => value - mean[c]! * scale[c]!) };
  }

  async #read(name: string, signal?: AbortSignal): Promise<Float32Array> {
    const { file, prefix } = this.#tensors;
    return await readFloats(file, prefix + name, signal);
  }
}

function single(read: (signal?: AbortSignal) => Promise<Float32Array>): TensorPieces {
  return async function* (signal) {
    yield bytesOf(await read(signal));
  };
}

/** u^T W v, for W as [out, in kh kw]. */
function spectralNorm(weight: Float32Array, u: Float32Array, v: Float32Array): number {
  let sigma = 0;
  for (const [row, factor] of u.entries()) {
    let product = 0;
    for (let at = 0; at < v.length; at++) product += weight[row * v.length + at]! * v[at]!;
    sigma += factor * product;
  }
  return sigma;
}
