import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor2D } from "@tensorflow/tfjs";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts";
import { DataType } from "../../tensorflow/data_type.ts";
import { type OperationAttribute, requireInput, runSingle, toBinding } from "./kernel.ts";

/**
 * Weights for `bfloat16Product` in half the memory. tfjs has no such type: to it the result is
 * float32, and nothing else takes it.
 */
export function toBfloat16(weights: Tensor): Tensor {
  return runSingle("ToBfloat16", { weights });
}

/**
 * Each row of x times each row of the weights, multiplied in bfloat16.
 *
 * @param x [rows, in] float32.
 * @param weights [out, in], from `toBfloat16`.
 * @returns [rows, out] float32, of bfloat16's precision.
 */
export function bfloat16Product(x: Tensor, weights: Tensor): Tensor2D {
  return runSingle("Bfloat16Product", { x, weights }) as Tensor2D;
}

/** Registers both. Neither has a gradient. */
export function registerBfloat16(): void {
  tf.registerKernel({
    kernelName: "ToBfloat16",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) => {
      const weights = requireInput("ToBfloat16", inputs, "weights");
      const operations = new Operations(backend as NodeJSKernelBackend);
      const id = operations.cast(operations.idOf(weights), DataType.FLOAT, DataType.BFLOAT16);
      return operations.publish(id, weights.shape);
    },
  });
  tf.registerKernel({
    kernelName: "Bfloat16Product",
    backendName: "tensorflow",
    kernelFunc: ({ inputs, backend }) => {
      const x = requireInput("Bfloat16Product", inputs, "x");
      const weights = requireInput("Bfloat16Product", inputs, "weights");
      const operations = new Operations(backend as NodeJSKernelBackend);
      const narrow = operations.cast(operations.idOf(x), DataType.FLOAT, DataType.BFLOAT16);
      const product = operations.run("MatMul", [
        { name: "T", type: DataType.BFLOAT16 },
        { name: "transpose_a", bool: false },
        { name: "transpose_b", bool: true },
      ], [narrow, operations.idOf(weights)]);
      const wide = operations.cast(product, DataType.BFLOAT16, DataType.FLOAT);
      for (const id of [narrow, product]) operations.forget(id);
      return operations.publish(wide, [x.shape[0] ?? 0, weights.shape[0] ?? 0]);
    },
  });
}

/** Operations on tensor ids, whose types tfjs need not know. */
class Operations {
  readonly #node: NodeJSKernelBackend;

  constructor(node: NodeJSKernelBackend) {
    this.#node = node;
  }

  idOf(tensor: Tensor): number {
    const [id] = this.#node["getInputTensorIds"]([tensor]); // private by name only
    if (id === undefined) throw new TypeError("The tensor has no id.");
    return id;
  }

  run(name: string, attributes: OperationAttribute[], inputIds: number[]): number {
    const given = attributes.map((attribute) => toBinding(this.#node, attribute));
    const [result] = this.#node.binding.executeOp(name, given, inputIds, 1);
    if (result === undefined) throw new Error(`${name} gave no result.`);
    return result.id;
  }

  cast(id: number, from: number, to: number): number {
    return this.run("Cast", [{ name: "SrcT", type: from }, { name: "DstT", type: to }], [id]);
  }

  forget(id: number): void {
    this.#node.binding.deleteTensor(id);
  }

  /** Hands a tensor to tfjs as one of float32, whatever it is. */
  publish(id: number, shape: number[]): Tensor {
    return this.#node["createOutputTensor"]({ id, shape, dtype: DataType.FLOAT });
  }
}
