import { type Attribute, setGraphAttribute } from "./attributes.ts";
import { cString } from "./c_string.ts";
import { NativeObject } from "./native_object.ts";
import { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";
import type { HostTensor } from "./tensor.ts";

/** A node of a graph; the graph owns it. */
export type Node = Deno.PointerObject;

/** One output of a node (`TF_Output`). */
export interface NodeOutput {
  readonly node: Node;
  readonly index: number;
}

/** Bytes of a `TF_Output`: a pointer, an int and four bytes of padding. */
const outputSizeBytes = 16;

/** `TF_Output` structures, one after the other. */
export function packOutputs(outputs: readonly NodeOutput[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(outputSizeBytes * outputs.length);
  const view = new DataView(packed.buffer);
  outputs.forEach(({ node, index }, i) => {
    view.setBigUint64(outputSizeBytes * i, Deno.UnsafePointer.value(node), true);
    view.setInt32(outputSizeBytes * i + 8, index, true);
  });
  return packed;
}

/** What a new node is made of. */
interface NodeDescription {
  /** The operation's type, such as "AddV2". */
  readonly type: string;
  /** In the order of the operation's definition; a list input is a list. */
  readonly inputs: readonly (NodeOutput | readonly NodeOutput[])[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** For "Const": its value. */
  readonly value?: HostTensor;
  /** Nodes that must have run before. */
  readonly after: Iterable<Node>;
}

/** A `TF_Graph`: the body of a function while it is being written. */
export class Graph extends NativeObject {
  readonly symbols: Symbols;
  /** One for all calls, which come one after the other. */
  readonly #status: Status;
  #nodeCount = 0;

  constructor(symbols: Symbols) {
    super("TF_Graph", symbols.TF_NewGraph(), symbols.TF_DeleteGraph);
    this.symbols = symbols;
    this.#status = new Status(symbols);
  }

  override [Symbol.dispose](): void {
    this.#status[Symbol.dispose]();
    super[Symbol.dispose]();
  }

  /** Nodes added so far. */
  get nodeCount(): number {
    return this.#nodeCount;
  }

  /** Adds a node. Throws TinctError with TensorFlow's reason when it does not fit. */
  add({ type, inputs, attributes, value, after }: NodeDescription): Node {
    const { symbols } = this;
    const status = this.#status;
    const name = `${type}_${this.#nodeCount++}`;
    const description = symbols.TF_NewOperation(this.pointer, cString(type), cString(name));
    if (description === null) throw new Error(`TensorFlow returned no description for ${type}.`);
    for (const input of inputs) {
      if ("node" in input) symbols.TF_AddInput(description, packOutputs([input]));
      else symbols.TF_AddInputList(description, packOutputs(input), input.length);
    }
    for (const node of after) symbols.TF_AddControlInput(description, node);
    for (const [key, attribute] of attributes) {
      setGraphAttribute(symbols, description, key, attribute);
    }
    if (value !== undefined) {
      symbols.TF_SetAttrTensor(description, cString("value"), value.pointer, status.pointer);
      status.check(`the value of ${name}`);
    }
    const node = symbols.TF_FinishOperation(description, status.pointer);
    status.check(`tracing ${name}`);
    if (node === null) throw new Error(`TensorFlow returned no node for ${name}.`);
    return node;
  }

  /** The node of a name, or undefined where there is none. */
  find(name: string): Node | undefined {
    return this.symbols.TF_GraphOperationByName(this.pointer, cString(name)) ?? undefined;
  }

  outputCount(node: Node): number {
    return this.symbols.TF_OperationNumOutputs(node);
  }

  dataType(output: NodeOutput): number {
    return this.symbols.TF_OperationOutputType(packOutputs([output]));
  }

  /** The static shape, as far as TensorFlow could infer it; -1 where it could not. */
  shape(output: NodeOutput): number[] | undefined {
    const status = this.#status;
    const packed = packOutputs([output]);
    const rank = this.symbols.TF_GraphGetTensorNumDims(this.pointer, packed, status.pointer);
    status.check("TF_GraphGetTensorNumDims");
    if (rank < 0) return undefined;
    const dims = new BigInt64Array(Math.max(rank, 1));
    this.symbols.TF_GraphGetTensorShape(this.pointer, packed, dims, rank, status.pointer);
    status.check("TF_GraphGetTensorShape");
    return Array.from(dims.subarray(0, rank), Number);
  }

  /** States a shape that TensorFlow cannot infer, such as that of a captured variable. */
  setShape(output: NodeOutput, shape: readonly number[]): void {
    const status = this.#status;
    const dims = BigInt64Array.from(shape, BigInt);
    this.symbols.TF_GraphSetTensorShape(
      this.pointer,
      packOutputs([output]),
      dims,
      dims.length,
      status.pointer,
    );
    status.check("TF_GraphSetTensorShape");
  }
}
