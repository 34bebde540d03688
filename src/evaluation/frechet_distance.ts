import type { Attribute } from "../tensorflow/attributes.ts";
import type { Context } from "../tensorflow/context.ts";
import { DataType } from "../tensorflow/data_type.ts";
import { EagerOperation } from "../tensorflow/operation.ts";
import { HostTensor } from "../tensorflow/tensor.ts";
import { TensorHandle } from "../tensorflow/tensor_handle.ts";

/** Features of pictures: a row each. */
export interface Features {
  /** [rows, size], row by row. */
  readonly values: Float32Array;
  readonly rows: number;
  readonly size: number;
}

/**
 * The Frechet distance of two sets of features, each taken for a normal distribution (Heusel et al.,
 * 2017): |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)). Of features of Inception it is the FID.
 *
 * The trace of that root needs no root of a matrix: with the centered rows X of each set, C = X'X /
 * (n - 1), the eigenvalues of C1 C2 are the squares of the singular values of X1 X2' / sqrt((n1 - 1)
 * (n2 - 1)), whose sum is asked for. Where there are more rows than features, X gives way to the R of
 * its QR decomposition, which has the same X'X. So it is exact also for fewer pictures than features,
 * where covariances are singular. In float64, on the device.
 *
 * @throws RangeError for sets of another size, or fewer than two rows.
 */
export async function frechetDistance(
  context: Context,
  first: Features,
  second: Features,
): Promise<number> {
  if (first.size !== second.size) {
    throw new RangeError(`The features are ${first.size} and ${second.size} numbers a picture.`);
  }
  if (Math.min(first.rows, second.rows) < 2) {
    throw new RangeError("A distribution needs the features of two pictures or more.");
  }
  const [one, two] = [first, second].map(momentsOf) as [Moments, Moments];
  const between = one.mean.reduce((sum, value, i) => sum + (value - two.mean[i]!) ** 2, 0);
  using device = new Float64Device(context);
  const left = await device.factor(one);
  const right = await device.factor(two);
  const singular = await device.singularValues(left, right);
  const scale = Math.sqrt((first.rows - 1) * (second.rows - 1));
  const overlap = singular.reduce((a, b) => a + b, 0) / scale;
  return between + one.trace + two.trace - 2 * overlap;
}

interface Moments {
  readonly mean: Float64Array;
  /** Of the covariance. */
  readonly trace: number;
  /** [rows, size], less the mean. */
  readonly centered: Float64Array;
  readonly rows: number;
  readonly size: number;
}

function momentsOf({ values, rows, size }: Features): Moments {
  const mean = new Float64Array(size);
  values.forEach((value, i) => mean[i % size]! += value / rows);
  const centered = Float64Array.from(values, (value, i) => value - mean[i % size]!);
  const trace = centered.reduce((sum, value) => sum + value ** 2, 0) / (rows - 1);
  return { mean, trace, centered, rows, size };
}

const double: Attribute = { kind: "type", value: DataType.DOUBLE };
const no: Attribute = { kind: "bool", value: false };
const yes: Attribute = { kind: "bool", value: true };

/** Operations on float64, a type that tfjs does not have. Owns its tensors. */
class Float64Device implements Disposable {
  readonly #context: Context;
  readonly #owned = new DisposableStack();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Some F with F'F = X'X, of no more rows than columns. */
  async factor({ centered, rows, size }: Moments): Promise<TensorHandle> {
    const { symbols } = this.#context;
    using host = HostTensor.of(symbols, DataType.DOUBLE, [rows, size], centered);
    const matrix = this.#owned.use(TensorHandle.of(symbols, host));
    if (rows <= size) return matrix;
    const [, r] = await this.#run("Qr", [matrix], { full_matrices: no, T: double }, 2);
    return r!;
  }

  /** Of A B'. */
  async singularValues(a: TensorHandle, b: TensorHandle): Promise<Float64Array> {
    const attributes = { transpose_a: no, transpose_b: yes, T: double };
    const [product] = await this.#run("MatMul", [a, b], attributes, 1);
    const [values] = await this.#run(
      "Svd",
      [product!],
      { compute_uv: no, full_matrices: no, T: double },
      3,
    );
    using host = await values!.resolveAsync();
    return new Float64Array(host.bytes().slice().buffer);
  }

  [Symbol.dispose](): void {
    this.#owned.dispose();
  }

  async #run(
    name: string,
    inputs: readonly TensorHandle[],
    attributes: Readonly<Record<string, Attribute>>,
    outputs: number,
  ): Promise<TensorHandle[]> {
    using operation = new EagerOperation(this.#context, name);
    for (const input of inputs) operation.addInput(input);
    for (const [key, value] of Object.entries(attributes)) operation.setAttribute(key, value);
    const results = await operation.executeAsync(outputs);
    for (const result of results) this.#owned.use(result);
    return results;
  }
}
