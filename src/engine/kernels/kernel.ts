import tf from "@tensorflow/tfjs";
import type { NamedTensorMap, Tensor, TensorInfo } from "@tensorflow/tfjs";
import type { TFEOpAttr } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding.d.ts";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts";
import { DataType } from "../../tensorflow/data_type.ts";
import type { Binding } from "../binding.ts";

/** Plain attribute values of a kernel. */
export type KernelAttributes = Readonly<
  Record<string, number | boolean | string | readonly number[]>
>;

/**
 * Registers a kernel that is one TensorFlow operation.
 *
 * @param kernelName the name to run it by.
 * @param inputNames the inputs in the operation's order.
 * @param operation its name, attributes and number of outputs; attributes are made from the kernel's.
 */
export function registerOperation(
  kernelName: string,
  inputNames: readonly string[],
  operation: {
    readonly name: string;
    readonly attributes: (given: KernelAttributes) => readonly OperationAttribute[];
    readonly outputs?: number;
  },
): void {
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend }) => {
      const node = backend as NodeJSKernelBackend;
      const tensors = inputNames.map((name) => requireInput(kernelName, inputs, name));
      const attributes = operation.attributes((attrs ?? {}) as KernelAttributes);
      const { outputs = 1 } = operation;
      const results = node.executeMultipleOutputs(
        operation.name,
        attributes.map((attribute) => toBinding(node, attribute)),
        tensors,
        outputs,
      );
      const [only] = results;
      return outputs === 1 && only !== undefined ? only : results;
    },
  });
}

/**
 * Registers a kernel that is made of other operations, of one result or several. Its gradient is
 * registered apart: tfjs does not look into it.
 */
export function registerComposite(
  kernelName: string,
  compute: (
    inputs: Readonly<Record<string, Tensor | undefined>>,
    attributes: KernelAttributes,
    binding: Binding,
  ) => Tensor | Tensor[],
): void {
  tf.registerKernel({
    kernelName,
    backendName: "tensorflow",
    kernelFunc: ({ inputs, attrs, backend }) =>
      tf.tidy(() =>
        compute(
          inputs as Readonly<Record<string, Tensor | undefined>>,
          (attrs ?? {}) as KernelAttributes,
          // This engine's backend has this engine's binding.
          (backend as NodeJSKernelBackend).binding as Binding,
        )
      ),
  });
}

/** An attribute of a TensorFlow operation. */
export type OperationAttribute =
  | { readonly name: string; readonly type: number }
  | { readonly name: string; readonly int: number | readonly number[] }
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly bool: boolean }
  | { readonly name: string; readonly string: string };

/** The attribute that says that `T` (or another type) is float32. */
export function floatType(name = "T"): OperationAttribute {
  return { name, type: DataType.FLOAT };
}

/** Runs a kernel by name, with tfjs's gradients in view; the result is a tensor, or several. */
export function runKernel(
  kernelName: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: KernelAttributes = {},
): Tensor[] {
  const result: unknown = tf.engine().runKernel(
    kernelName,
    inputs as unknown as NamedTensorMap,
    attributes as Record<string, never>,
  );
  return Array.isArray(result) ? result : [result as Tensor];
}

/** As `runKernel`, for a kernel of one result. */
export function runSingle(
  kernelName: string,
  inputs: Readonly<Record<string, Tensor>>,
  attributes: KernelAttributes = {},
): Tensor {
  const [result] = runKernel(kernelName, inputs, attributes);
  if (result === undefined) throw new Error(`The kernel ${kernelName} gave no result.`);
  return result;
}

/**
 * Registers how the gradient of a kernel is computed.
 *
 * @param saved the inputs, and which outputs, that `gradients` is given after `dy`.
 * @param gradients for each input a function that makes its gradient when it is needed.
 */
export function registerKernelGradient(
  kernelName: string,
  saved: { readonly inputs: readonly string[]; readonly outputs?: readonly boolean[] },
  gradients: (
    dy: Tensor,
    saved: readonly Tensor[],
    attributes: KernelAttributes,
  ) => Record<string, () => Tensor>,
): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: [...saved.inputs],
    outputsToSave: [...saved.outputs ?? []],
    gradFunc: (dy, tensors, attributes) => {
      const [first] = Array.isArray(dy) ? dy : [dy];
      if (first === undefined) throw new Error(`No gradient reached ${kernelName}.`);
      return gradients(first, tensors, attributes as KernelAttributes);
    },
  });
}

/**
 * The same values, without a copy, as a tensor that no gradient leads through: for what a gradient is
 * made from but does not depend on, such as the side of zero on which an activation's input lay. The
 * gradient of a gradient would otherwise carry zeros through a whole network.
 */
export function stopGradient(x: Tensor): Tensor {
  const engine = tf.engine();
  engine.backend.incRef(x.dataId);
  return engine.makeTensorFromDataId(x.dataId, x.shape, x.dtype);
}

/** The tensor at `index`; throws where a kernel was given fewer. */
export function at(tensors: readonly Tensor[], index: number): Tensor {
  const tensor = tensors[index];
  if (tensor === undefined) throw new TypeError(`Tensor ${index} of ${tensors.length} is missing.`);
  return tensor;
}

/** The input of a kernel; throws where it was not given. */
export function requireInput(
  kernelName: string,
  inputs: Readonly<Record<string, TensorInfo | undefined>>,
  name: string,
): Tensor {
  const tensor = inputs[name];
  if (tensor === undefined) throw new TypeError(`${kernelName} lacks its input ${name}.`);
  return tensor as Tensor;
}

/** An attribute as the binding takes it. */
export function toBinding(
  { binding }: NodeJSKernelBackend,
  attribute: OperationAttribute,
): TFEOpAttr {
  const { name } = attribute;
  if ("type" in attribute) return { name, type: binding.TF_ATTR_TYPE, value: attribute.type };
  if ("float" in attribute) return { name, type: binding.TF_ATTR_FLOAT, value: attribute.float };
  if ("bool" in attribute) return { name, type: binding.TF_ATTR_BOOL, value: attribute.bool };
  if ("string" in attribute) {
    return { name, type: binding.TF_ATTR_STRING, value: attribute.string };
  }
  const value = typeof attribute.int === "number" ? attribute.int : [...attribute.int];
  return { name, type: binding.TF_ATTR_INT, value };
}
