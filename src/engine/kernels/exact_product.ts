import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor1D, Tensor2D } from "@tensorflow/tfjs";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts";
import type { Binding } from "../binding.ts";
import { at, registerKernelGradient, requireInput, runSingle } from "./kernel.ts";

/**
 * A product with a small matrix in float32, whatever the precision of the rest: colours bear no
 * rounding to bfloat16 (it moves a by up to 2) or TensorFloat-32. Has a gradient by x alone.
 *
 * @param x [N, k].
 * @param matrix [k, m], both a few.
 * @returns [N, m].
 */
export function exactProduct(x: Tensor, matrix: Tensor): Tensor2D {
  return runSingle("ExactProduct", { x, matrix }) as Tensor2D;
}

/**
 * A product of a matrix of any size with a vector in float32, whatever the precision of the rest. Has
 * no gradient.
 *
 * @param matrix [N, M].
 * @param vector [M]; [N] with `transposed`.
 * @returns [N]; [M] with `transposed`.
 */
export function exactMatrixVector(
  matrix: Tensor,
  vector: Tensor,
  { transposed = false } = {},
): Tensor1D {
  return runSingle("ExactMatrixVector", { matrix, vector }, { transposed }) as Tensor1D;
}

/** Registers the kernels: matrix products where they are exact, else sums of products by element. */
export function registerExactProduct(): void {
  tf.registerKernel({
    kernelName: "ExactProduct",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) => {
      const x = requireInput("ExactProduct", inputs, "x") as Tensor2D;
      const matrix = requireInput("ExactProduct", inputs, "matrix") as Tensor2D;
      // This engine's backend has this engine's binding.
      const { roundsProducts } = (backend as NodeJSKernelBackend).binding as Binding;
      return tf.tidy(() => roundsProducts ? sumOfProducts(x, matrix) : tf.matMul(x, matrix));
    },
  });
  registerKernelGradient("ExactProduct", { inputs: ["matrix"] }, (dy, saved) => ({
    x: () => exactProduct(dy, tf.transpose(at(saved, 0))),
  }));
  tf.registerKernel({
    kernelName: "ExactMatrixVector",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const matrix = requireInput("ExactMatrixVector", inputs, "matrix") as Tensor2D;
      const vector = requireInput("ExactMatrixVector", inputs, "vector");
      const { transposed } = attrs as { transposed?: boolean };
      const { roundsProducts } = (backend as NodeJSKernelBackend).binding as Binding;
      return tf.tidy(() => {
        const side = tf.reshape(vector, transposed ? [-1, 1] : [1, -1]) as Tensor2D;
        if (roundsProducts) return tf.sum(tf.mul(matrix, side), transposed ? 0 : 1);
        const product = transposed
          ? tf.matMul(side, matrix, true, false)
          : tf.matMul(matrix, side, false, true);
        return tf.reshape(product, [-1]);
      });
    },
  });
}

function sumOfProducts(x: Tensor2D, matrix: Tensor2D): Tensor {
  const terms = Array.from({ length: matrix.shape[0] }, (_, k) => {
    const column = tf.slice(x, [0, k], [-1, 1]); // [N, 1]
    return tf.mul(column, tf.slice(matrix, [k, 0], [1, -1]));
  });
  return terms.reduce((sum, term) => tf.add(sum, term));
}
