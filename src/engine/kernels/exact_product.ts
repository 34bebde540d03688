import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts";
import type { Binding } from "../binding.ts";
import { requireInput, runSingle } from "./kernel.ts";

/**
 * A product with a small matrix in float32, whatever the precision of the rest: colours bear no
 * rounding to bfloat16 (it moves a by up to 2) or TensorFloat-32. Has no gradient.
 *
 * @param x [N, k].
 * @param matrix [k, m], both a few.
 * @returns [N, m].
 */
export function exactProduct(x: Tensor, matrix: Tensor): Tensor2D {
  return runSingle("ExactProduct", { x, matrix }) as Tensor2D;
}

/** Registers the kernel: a matrix product where it is exact, else a sum of products by element. */
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
}

function sumOfProducts(x: Tensor2D, matrix: Tensor2D): Tensor {
  const terms = Array.from({ length: matrix.shape[0] }, (_, k) => {
    const column = tf.slice(x, [0, k], [-1, 1]); // [N, 1]
    return tf.mul(column, tf.slice(matrix, [k, 0], [1, -1]));
  });
  return terms.reduce((sum, term) => tf.add(sum, term));
}
