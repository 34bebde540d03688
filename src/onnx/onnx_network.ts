import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { messageOf, TinctError } from "../errors.ts";
import { counted } from "../words.ts";
import { ExternalData, readModelFile } from "./external_data.ts";
import { nodeName, orderNodes } from "./graph_order.ts";
import { type OnnxModel, type OnnxNode, readOnnx } from "./onnx_model.ts";
import type { OnnxTensor } from "./onnx_tensor.ts";
import { type OnnxValue, own, plain } from "./onnx_value.ts";
import { type Once, OperationCall } from "./operation_call.ts";
import { operations } from "./operations/operations.ts";
import { byShape } from "./operations/shapes.ts";

/**
 * Constants of more numbers than this are inputs of the function that computes a network, not constants
 * of it: TensorFlow copies those several times while it prepares a function, and folds what it can of
 * them into others.
 */
const MAX_CONSTANT = 1024;

/**
 * The same of kernels, which oneDNN lays out anew for each call where they are inputs: DeOldify takes
 * 12.4 s of processor time and 4.7 GB with all as constants, 14.4 s and 3.0 GB so, 18 s and 2.3 GB with
 * none (bench/imported.ts).
 */
const MAX_CONSTANT_KERNEL = 2 ** 20;

/** How a network is loaded. */
interface LoadOptions {
  /** Names of the outputs to compute; default: all. */
  readonly outputs?: readonly string[];
  /** What to do about an operation that there is not, as the end of a sentence. */
  readonly advice?: string;
  /** Ends the loading between two constants. */
  readonly signal?: AbortSignal | undefined;
}

/** A model that has been read, but none of its constants. */
interface OpenedModel extends OnnxModel {
  readonly path: string;
}

/**
 * Reads what a model is made of.
 *
 * @throws TinctError `not_found`, `data_loss`, `unimplemented` or `invalid_argument`, see `readOnnx`.
 */
export async function openOnnx(path: string): Promise<OpenedModel> {
  return { ...readOnnx(await readModelFile(path), path), path };
}

/**
 * A network in ONNX form. What hangs on constants alone has been computed. Owns the constants that
 * are left.
 */
export class OnnxNetwork implements Disposable {
  /** What is to be given, with shapes; -1 for any size. */
  readonly inputs: ReadonlyMap<string, readonly number[]>;
  readonly outputs: readonly string[];
  /** The nodes that are computed for each picture. */
  readonly nodes: readonly OnnxNode[];
  readonly #engine: Engine;
  readonly #model: OpenedModel;
  readonly #constants: ReadonlyMap<string, OnnxValue>;
  readonly #advice: string;

  private constructor(
    engine: Engine,
    model: OpenedModel,
    { outputs, nodes, constants, advice }: {
      readonly outputs: readonly string[];
      readonly nodes: readonly OnnxNode[];
      readonly constants: ReadonlyMap<string, OnnxValue>;
      readonly advice: string;
    },
  ) {
    this.#engine = engine;
    this.#model = model;
    this.inputs = model.inputs;
    this.outputs = outputs;
    this.nodes = nodes;
    this.#constants = constants;
    this.#advice = advice;
  }

  /**
   * Loads the constants of a model and computes what hangs on them alone. What the network needs and
   * Tinct does not have, and what is wrong with the file, is found before.
   *
   * @returns the network; the caller's to dispose of.
   * @throws TinctError `unimplemented`, which names all operations that are missing, with their nodes;
   *   `data_loss` for a damaged graph, constants that a file does not hold, or that are not numbers;
   *   `invalid_argument` for constants outside the model's folder.
   */
  static async load(engine: Engine, model: OpenedModel, {
    outputs = model.outputs,
    advice = "export the network in another way",
    signal,
  }: LoadOptions = {}): Promise<OnnxNetwork> {
    const { path, opset } = model;
    const nodes = orderNodes(model, outputs, path);
    requireOperations(nodes, path, advice);
    const needed = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs]);
    const constants = new Map<string, OnnxValue>();
    try {
      await using external = new ExternalData(path);
      const tensors = [...model.constants].filter(([name]) => needed.has(name));
      for (const [, tensor] of tensors) {
        if (tensor.external !== undefined) await external.check(tensor, tensor.external);
      }
      for (const [name, tensor] of tensors) {
        signal?.throwIfAborted();
        constants.set(name, own(await loadConstant(tensor, external, path)));
      }
      const left = fold(nodes, constants, outputs, { path, opset, advice });
      return new OnnxNetwork(engine, model, { outputs, nodes: left, constants, advice });
    } catch (error) {
      tf.dispose([...constants.values()].map(({ tensor }) => tensor));
      throw error;
    }
  }

  /**
   * Checks the shapes of what is to be given, in the order of the inputs.
   *
   * @throws TinctError `invalid_argument` for one that the network does not take.
   */
  requireShapes(shapes: readonly (readonly number[])[]): void {
    for (const [index, [name, wanted]] of [...this.inputs].entries()) {
      const given = shapes[index] ?? [];
      const fits = wanted.length === 0 || // it says none
        (wanted.length === given.length &&
          wanted.every((size, axis) => size < 0 || size === given[axis]));
      if (fits) continue;
      throw new TinctError(
        "invalid_argument",
        `The input ${name} of ${this.#model.path} has the shape [${wanted.map(sizeWord)}], not ` +
          `[${given}].`,
      );
    }
  }

  /** How many numbers its constants have. */
  get constantCount(): number {
    const tensors = new Set([...this.#constants.values()].map(({ tensor }) => tensor));
    return [...tensors].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Computes the outputs, by operations that are traced; within a `CompiledFunction`.
   *
   * @param given the inputs, by name.
   * @throws TinctError `unimplemented` or `invalid_argument` for what a node cannot be computed of.
   */
  compute(given: ReadonlyMap<string, OnnxValue>): OnnxValue[] {
    const { binding } = this.#engine;
    const { path, opset } = this.#model;
    const values = new Map([...this.#constants, ...given]);
    const known = new Set([...this.#constants.values()].map(({ tensor }) => tensor));
    // A GPU would be sent inputs that lie in the machine's memory at each call.
    const isGpu = binding.isUsingGpuDevice();
    const freezeUpTo = (most: number, tensor: Tensor) =>
      isGpu || tensor.size <= most ? this.#engine.freeze(tensor) : tensor;
    const freeze = ({ tensor }: OnnxValue) => {
      if (known.has(tensor)) freezeUpTo(MAX_CONSTANT, tensor);
    };
    const once: Once = (from, compute) => {
      if (!from.every(({ tensor }) => known.has(tensor))) return compute();
      return freezeUpTo(MAX_CONSTANT_KERNEL, binding.eagerly(compute));
    };
    const context = { path, opset, advice: this.#advice, once };
    for (const node of this.nodes) {
      const inputs = inputsOf(node, values);
      const isKnown = byShape.has(node.operation) ||
        inputs.every((value) => value === undefined || known.has(value.tensor));
      if (!isKnown) { for (const value of inputs) value && freeze(value); }
      const made = isKnown
        ? binding.eagerly(() => computeNode(node, inputs, context))
        : computeNode(node, inputs, context);
      for (const [index, value] of made.entries()) {
        values.set(node.outputs[index] ?? "", value);
        if (isKnown) known.add(value.tensor);
      }
    }
    return this.outputs.map((name) => {
      const value = values.get(name)!;
      const { tensor, isMap } = value;
      if (!known.has(tensor) && !given.has(name)) return value;
      freeze(value);
      return { tensor: tf.reshape(tensor, tensor.shape), isMap }; // a result of the trace's own
    });
  }

  /**
   * The network as one TensorFlow function, from its inputs to its outputs, in ONNX's order. The
   * caller's to dispose of, before the network.
   */
  compile(): CompiledFunction {
    const names = [...this.inputs.keys()];
    const body = (...tensors: Tensor[]) =>
      this.compute(new Map(names.map((name, index) => [name, own(tensors[index]!)]))).map(plain);
    return new CompiledFunction(this.#engine, body, { name: "onnx", precision: "float32" });
  }

  [Symbol.dispose](): void {
    tf.dispose([...this.#constants.values()].map(({ tensor }) => tensor));
  }
}

function sizeWord(size: number): string {
  return size < 0 ? "any" : String(size);
}

/** @throws TinctError `unimplemented`, which names every operation that is missing. */
function requireOperations(nodes: readonly OnnxNode[], path: string, advice: string): void {
  const missing = new Map<string, OnnxNode[]>();
  for (const node of nodes) {
    if (operations.has(node.operation)) continue;
    const same = missing.get(node.operation);
    if (same === undefined) missing.set(node.operation, [node]);
    else same.push(node);
  }
  if (missing.size === 0) return;
  const named = [...missing].map(([operation, of]) => {
    const [first, second, ...others] = of.map(({ name, outputs }) => `"${name || outputs[0]}"`);
    const nodes = [first, second].filter((each) => each !== undefined).join(", ");
    const more = others.length === 0 ? "" : ` and ${counted(others.length, "other")}`;
    return `${operation} (${nodes}${more})`;
  });
  throw new TinctError(
    "unimplemented",
    `${path} needs the ONNX operation${missing.size === 1 ? "" : "s"} ${named.join(", ")}, which ` +
      `Tinct does not support: ${advice}.`,
  );
}

async function loadConstant(
  tensor: OnnxTensor,
  external: ExternalData,
  path: string,
): Promise<Tensor> {
  const { name, shape, dtype } = tensor;
  const bytes = tensor.external && await external.read(tensor, tensor.external);
  const values = tensor.read(bytes);
  const loaded = tf.tensor(values, [...shape], dtype);
  const hasNaN = dtype === "float32" && loaded.size > 0 &&
    tf.tidy(() => tf.any(tf.isNaN(loaded)).dataSync()[0] === 1);
  if (!hasNaN) return loaded;
  loaded.dispose();
  throw new TinctError(
    "data_loss",
    `The constant ${name} of ${path} holds values that are no numbers (NaN): the network was damaged ` +
      "in training or since.",
  );
}

interface Context {
  readonly path: string;
  readonly opset: number;
  readonly advice: string;
}

/**
 * Computes the nodes that hang on constants alone, whose results join the constants. Constants that
 * nothing takes any more are disposed of.
 *
 * @returns the other nodes.
 */
function fold(
  nodes: readonly OnnxNode[],
  constants: Map<string, OnnxValue>,
  outputs: readonly string[],
  context: Context,
): OnnxNode[] {
  const uses = new Map<string, number>();
  for (const name of [...nodes.flatMap(({ inputs }) => inputs), ...outputs]) {
    uses.set(name, (uses.get(name) ?? 0) + 1);
  }
  // Identity gives one tensor two names.
  const names = new Map<Tensor, number>();
  const hold = ({ tensor }: OnnxValue, change: 1 | -1) => {
    const count = (names.get(tensor) ?? 0) + change;
    names.set(tensor, count);
    if (count === 0) tensor.dispose();
  };
  for (const value of constants.values()) hold(value, 1);
  return nodes.filter((node) => {
    const isKnown = node.inputs.every((name) => name === "" || constants.has(name));
    if (!isKnown) return true;
    let made: readonly OnnxValue[] = [];
    tf.tidy(() => {
      const once: Once = (_, compute) => compute();
      made = computeNode(node, inputsOf(node, constants), { ...context, once });
      return made.map(({ tensor }) => tensor);
    });
    for (const [index, value] of made.entries()) {
      const name = node.outputs[index] ?? "";
      hold(value, 1);
      if (uses.has(name) && name !== "") constants.set(name, value);
      else hold(value, -1);
    }
    for (const name of node.inputs.filter((each) => each !== "")) {
      const left = uses.get(name)! - 1;
      uses.set(name, left);
      if (left > 0) continue;
      hold(constants.get(name)!, -1);
      constants.delete(name);
    }
    return false;
  });
}

function inputsOf(
  { inputs }: OnnxNode,
  values: ReadonlyMap<string, OnnxValue>,
): (OnnxValue | undefined)[] {
  return inputs.map((name) => name === "" ? undefined : values.get(name));
}

function computeNode(
  node: OnnxNode,
  inputs: readonly (OnnxValue | undefined)[],
  { path, ...context }: Context & { readonly once: Once },
): OnnxValue[] {
  const call = new OperationCall(node, inputs, context);
  try {
    const made = operations.get(node.operation)!(call);
    return "tensor" in made ? [made] : [...made];
  } catch (error) {
    if (error instanceof TinctError && error.code !== "internal") throw error;
    const shapes = inputs.map((value) => value === undefined ? "none" : `[${value.tensor.shape}]`);
    throw new TinctError(
      "invalid_argument",
      `${nodeName(node)} of ${path} cannot be computed of ${shapes.join(", ")}: ` +
        `${messageOf(error).replaceAll(/\s+/g, " ").replace(/\.$/, "")}.`,
      { cause: error },
    );
  }
}
