import type { TensorMetadata } from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding.d.ts";
import { TinctError } from "../errors.ts";
import type { Attribute } from "../tensorflow/attributes.ts";
import type { Precision } from "../tensorflow/config_proto.ts";
import { DataType } from "../tensorflow/data_type.ts";
import { GraphFunction } from "../tensorflow/function.ts";
import { Graph, type NodeOutput } from "../tensorflow/graph.ts";
import type { Symbols } from "../tensorflow/symbols.ts";
import type { HostTensor } from "../tensorflow/tensor.ts";
import type { TensorHandle } from "../tensorflow/tensor_handle.ts";
import { narrowing } from "./autocast.ts";
import { ResourceOrder } from "./resource_order.ts";

/**
 * Operations with list inputs: how many tensors each input takes, -1 for a single one. The count is
 * then implied, and the attribute `N` must not be set.
 */
const listInputs: Readonly<Record<string, (count: number) => number[]>> = {
  AddN: (count) => [count],
  CollectiveReduceV2: (count) => [-1, -1, -1, -1, count - 4],
  ConcatV2: (count) => [count - 1, -1],
  Einsum: (count) => [count],
  Pack: (count) => [count],
};

/**
 * Operations with outputs of unknown shape: a variable's is stated by who reads it, the reserved
 * outputs of batch norm go to its gradient only.
 */
const shapeless = new Set([
  "ReadVariableOp",
  "ResourceGather",
  "FusedBatchNormV3",
  "FusedBatchNormGradV3",
]);

/** Operations that only look at the variable given to them. */
const readers = new Set(["ReadVariableOp", "ResourceGather", "VariableShape"]);

/** How a trace is written. */
export interface TraceOptions {
  /**
   * False leaves the control edges between reads and writes out. Only the test does so that shows why
   * they are needed.
   */
  readonly ordered?: boolean;
  /**
   * Compute convolutions in bfloat16, and what stands between them (`narrowing`). To tfjs everything
   * is float32 all the same.
   */
  readonly castConvolutions?: boolean;
  /** Arithmetic of convolutions; default "float32". */
  readonly precision?: Precision;
  /** Whether matrix products of the function may be rounded to less than float32. */
  readonly roundsProducts?: boolean;
}

/** Constants of so many bytes or fewer are written once: scalars, shapes, permutations. */
const SMALL_CONSTANT_BYTES = 64;

/** An eager tensor that a traced function uses: it becomes one more input. */
interface Capture {
  readonly handle: TensorHandle;
  readonly output: NodeOutput;
}

/** What is left of a trace: a function, and the tensors to give it after its own inputs. */
export interface Traced {
  readonly function: GraphFunction;
  /** Owned by the holder of this. */
  readonly captures: readonly TensorHandle[];
  readonly nodeCount: number;
}

/** What a trace asks of the tensors around it. */
interface Tensors {
  /** A fresh id, for a tensor of the trace. */
  newId(): number;
  /** The handle of a tensor that has values. */
  handle(id: number): TensorHandle;
}

/**
 * A function while it is being written: tfjs's operations become nodes of a graph, and symbolic ids
 * with static shapes go back to tfjs in place of tensors.
 */
export class Trace implements Disposable {
  readonly #graph: Graph;
  readonly #tensors: Tensors;
  readonly options: TraceOptions;
  readonly #outputs = new Map<number, NodeOutput>();
  readonly #constants = new Set<number>();
  /** Small constants by type, shape and bytes: two of five nodes would be a constant that is there. */
  readonly #smallConstants = new Map<string, NodeOutput>();
  readonly #captures = new Map<number, Capture>();
  readonly #order = new ResourceOrder();

  constructor(
    symbols: Symbols,
    tensors: Tensors,
    options: TraceOptions = {},
  ) {
    this.#graph = new Graph(symbols);
    this.#tensors = tensors;
    this.options = options;
  }

  /** Whether an id belongs to this trace. */
  has(id: number): boolean {
    return this.#outputs.has(id);
  }

  /** Marks a tensor, made from values during the trace or frozen: it becomes a constant. */
  noteConstant(id: number): void {
    this.#constants.add(id);
  }

  /** Forgets the id of a tensor that was disposed of; its node stays. */
  forget(id: number): void {
    this.#outputs.delete(id);
    this.#constants.delete(id);
  }

  /** A new input of the function. */
  placeholder(dataType: number, shape: readonly number[]): TensorMetadata {
    const output = this.#addPlaceholder(dataType, shape);
    const id = this.#tensors.newId();
    this.#outputs.set(id, output);
    return { id, shape: [...shape], dtype: dataType };
  }

  /** Writes an operation into the graph; the counterpart of running it. */
  execute(
    name: string,
    attributes: ReadonlyMap<string, Attribute>,
    inputIds: readonly number[],
    outputCount: number,
  ): TensorMetadata[] {
    const { ordered = true, castConvolutions = false } = this.options;
    const given = new Map(attributes);
    let inputs = inputIds.map((id) => this.#outputOf(id));
    let widens = false;
    if (castConvolutions) ({ inputs, widens } = this.#narrow(name, inputs, given));
    const groups = listInputs[name]?.(inputs.length);
    if (groups !== undefined) given.delete("N");
    const access = readers.has(name) ? "read" : "write";
    const resources = ordered ? inputIds.filter((id) => this.#isResource(id)) : [];
    const after = new Set(resources.flatMap((id) => this.#order.before(id, access)));
    const node = this.#graph.add({
      type: name,
      inputs: groups === undefined ? inputs : group(inputs, groups),
      attributes: given,
      after,
    });
    for (const id of inputIds.filter((id) => this.#isResource(id))) {
      this.#order.note(id, access, node);
    }
    const count = Math.min(outputCount, this.#graph.outputCount(node));
    return Array.from({ length: count }, (_, index) => {
      const output = { node, index };
      return this.#describe(name, widens ? this.#widened(output) : output);
    });
  }

  /** States the shape of a traced tensor that TensorFlow cannot infer. */
  setShape(id: number, shape: readonly number[]): void {
    this.#graph.setShape(this.#outputOf(id), shape);
  }

  /** Makes the function. The trace may then be disposed of. */
  finish(
    name: string,
    inputIds: readonly number[],
    outputIds: readonly number[],
    xla: boolean,
  ): Traced {
    const outputs = outputIds.map((id) => this.#widened(this.#outputOf(id)));
    const captures = [...this.#captures.values()];
    const inputs = inputIds.map((id) => this.#outputOf(id));
    const made = new GraphFunction(this.#graph, {
      name,
      inputs: [...inputs, ...captures.map(({ output }) => output)],
      outputs,
      controlOutputs: this.#order.lastWrites(),
      xla,
    });
    this.#captures.clear(); // they belong to the result now
    return {
      function: made,
      captures: captures.map(({ handle }) => handle),
      nodeCount: this.#graph.nodeCount,
    };
  }

  [Symbol.dispose](): void {
    for (const { handle } of this.#captures.values()) handle[Symbol.dispose]();
    this.#captures.clear();
    this.#graph[Symbol.dispose]();
  }

  #outputOf(id: number): NodeOutput {
    const known = this.#outputs.get(id) ?? this.#captures.get(id)?.output;
    if (known !== undefined) return known;
    const handle = this.#tensors.handle(id);
    if (this.#constants.has(id)) {
      const output = this.#addConstant(handle);
      this.#outputs.set(id, output);
      return output;
    }
    const output = this.#addPlaceholder(handle.dataType, handle.shape);
    this.#captures.set(id, { handle: handle.share(), output });
    return output;
  }

  /** Casts inputs as `narrowing` says, and has the operation's type follow. */
  #narrow(name: string, inputs: readonly NodeOutput[], attributes: Map<string, Attribute>) {
    const { FLOAT, BFLOAT16 } = DataType;
    const isAsked = [...attributes.values()].some(({ kind, value }) =>
      kind === "type" && value === BFLOAT16
    );
    if (isAsked) return { inputs: [...inputs], widens: false }; // by a kernel that knows what it does
    const types = inputs.map((input) => this.#graph.dataType(input));
    const how = narrowing(
      name,
      types.map((type) => type === BFLOAT16),
      types.map((type) => type === FLOAT),
    );
    if (how !== undefined) attributes.set("T", { kind: "type", value: BFLOAT16 });
    return {
      inputs: inputs.map((input, index) =>
        !how?.inputs.has(index)
          ? this.#widened(input)
          : types[index] === FLOAT
          ? this.#cast(input, FLOAT, BFLOAT16)
          : input
      ),
      widens: how?.widens ?? false,
    };
  }

  /** The same, float32 where it is bfloat16. Equal casts of one tensor are merged by Grappler. */
  #widened(output: NodeOutput): NodeOutput {
    const { FLOAT, BFLOAT16 } = DataType;
    if (this.#graph.dataType(output) !== BFLOAT16 || !this.options.castConvolutions) return output;
    return this.#cast(output, BFLOAT16, FLOAT);
  }

  #cast(input: NodeOutput, from: number, to: number): NodeOutput {
    const attributes = new Map<string, Attribute>([
      ["SrcT", { kind: "type", value: from }],
      ["DstT", { kind: "type", value: to }],
    ]);
    const node = this.#graph.add({ type: "Cast", inputs: [input], attributes, after: [] });
    return { node, index: 0 };
  }

  #isResource(id: number): boolean {
    return this.#captures.get(id)?.handle.dataType === DataType.RESOURCE;
  }

  #addConstant(handle: TensorHandle): NodeOutput {
    using value = handle.resolve();
    const bytes = value.bytes();
    if (bytes.length > SMALL_CONSTANT_BYTES) return this.#writeConstant(handle, value);
    const key = `${handle.dataType}[${handle.shape}]${bytes}`;
    const known = this.#smallConstants.get(key);
    if (known !== undefined) return known;
    const output = this.#writeConstant(handle, value);
    this.#smallConstants.set(key, output);
    return output;
  }

  #writeConstant({ dataType }: TensorHandle, value: HostTensor): NodeOutput {
    const attributes = new Map([["dtype", { kind: "type", value: dataType } as const]]);
    const node = this.#graph.add({ type: "Const", inputs: [], attributes, value, after: [] });
    return { node, index: 0 };
  }

  #addPlaceholder(dataType: number, shape: readonly number[]): NodeOutput {
    const attributes = new Map<string, Attribute>([
      ["dtype", { kind: "type", value: dataType }],
      ["shape", { kind: "shape", value: shape }],
    ]);
    const node = this.#graph.add({ type: "Placeholder", inputs: [], attributes, after: [] });
    return { node, index: 0 };
  }

  #describe(name: string, output: NodeOutput): TensorMetadata {
    const id = this.#tensors.newId();
    this.#outputs.set(id, output);
    const shape = this.#graph.shape(output);
    if (!shapeless.has(name) && (shape === undefined || shape.includes(-1))) {
      throw new TinctError(
        "internal",
        `The shape of ${name} is not known while tracing ([${shape ?? "?"}]); only operations ` +
          "whose shapes follow from their inputs' shapes can be compiled.",
      );
    }
    const dtype = this.#graph.dataType(output);
    const { castConvolutions = false } = this.options;
    const isNarrowed = castConvolutions && dtype === DataType.BFLOAT16;
    return { id, shape: shape ?? [], dtype: isNarrowed ? DataType.FLOAT : dtype };
  }
}

function group(
  inputs: readonly NodeOutput[],
  sizes: readonly number[],
): (NodeOutput | readonly NodeOutput[])[] {
  let next = 0;
  return sizes.map((size) => {
    const taken = inputs.slice(next, next + Math.abs(size));
    next += taken.length;
    const [only] = taken;
    return size < 0 && only !== undefined ? only : taken;
  });
}
