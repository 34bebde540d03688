import type {
  TensorMetadata as Metadata,
  TFEOpAttr as OpAttribute,
  TFJSBinding,
} from "@tensorflow/tfjs-node-gpu/dist/tfjs_binding.d.ts";
import { TinctError } from "../errors.ts";
import type { Attribute } from "../tensorflow/attributes.ts";
import type { Context } from "../tensorflow/context.ts";
import { DataType } from "../tensorflow/data_type.ts";
import { EagerOperation } from "../tensorflow/operation.ts";
import { HostTensor } from "../tensorflow/tensor.ts";
import { TensorHandle } from "../tensorflow/tensor_handle.ts";
import type { ConvolutionPlace } from "./kernels/convolution_forms.ts";
import type { Trace } from "./trace.ts";

/** The numbers by which tfjs's kernels tell attribute types; any distinct ones do. */
const AttributeType = { STRING: 0, INT: 1, FLOAT: 2, BOOL: 3, TYPE: 4, SHAPE: 5, RESOURCE: 6 };

/**
 * The object through which the kernels of tfjs-node-gpu reach TensorFlow
 * (`dist/tfjs_binding.d.ts`), over the C API. Operations run at once; while a trace is open they
 * are written into its graph instead.
 *
 * It owns the handle behind every tensor id until `deleteTensor`.
 */
export class Binding implements TFJSBinding, Disposable {
  readonly TF_FLOAT = DataType.FLOAT;
  readonly TF_INT32 = DataType.INT32;
  readonly TF_INT64 = DataType.INT64;
  readonly TF_BOOL = DataType.BOOL;
  readonly TF_COMPLEX64 = DataType.COMPLEX64;
  readonly TF_STRING = DataType.STRING;
  readonly TF_RESOURCE = DataType.RESOURCE;
  readonly TF_UINT8 = DataType.UINT8;
  readonly TF_ATTR_STRING = AttributeType.STRING;
  readonly TF_ATTR_INT = AttributeType.INT;
  readonly TF_ATTR_FLOAT = AttributeType.FLOAT;
  readonly TF_ATTR_BOOL = AttributeType.BOOL;
  readonly TF_ATTR_TYPE = AttributeType.TYPE;
  readonly TF_ATTR_SHAPE = AttributeType.SHAPE;
  readonly TF_ATTR_RESOURCE = AttributeType.RESOURCE;
  readonly TF_Version: string;
  /** Shapes of results, as the kernels expect them; they make none themselves. */
  readonly TensorMetadata = class implements Metadata {
    id = 0;
    shape: number[] = [];
    dtype = 0;
  };
  readonly TFEOpAttr = class implements OpAttribute {
    name = "";
    type = 0;
    value: OpAttribute["value"] = 0;
  };

  readonly #context: Context;
  readonly #handles = new Map<number, TensorHandle>();
  readonly #gpu: boolean;
  #nextId = 1;
  #trace: Trace | undefined;

  constructor(context: Context, version: string) {
    this.#context = context;
    this.#gpu = context.devices().some(({ type }) => type === "GPU");
    this.TF_Version = version;
  }

  isUsingGpuDevice(): boolean {
    return this.#gpu;
  }

  getNumOfTensors(): number {
    return this.#handles.size;
  }

  /** A new tensor id; ids are never used twice. */
  newId(): number {
    return this.#nextId++;
  }

  /** The handle of an id. Throws when a traced tensor, which has no values, is asked for them. */
  handle(id: number): TensorHandle {
    const handle = this.#handles.get(id);
    if (handle !== undefined) return handle;
    throw new TinctError(
      "internal",
      this.#trace?.has(id)
        ? "The values of a tensor were read while it was being traced; it has none until the " +
          "compiled function runs."
        : `There is no tensor with the id ${id}; it was disposed of, or belonged to a trace.`,
    );
  }

  /** Takes ownership of a handle and describes it. */
  adopt(handle: TensorHandle): Metadata {
    const id = this.newId();
    this.#handles.set(id, handle);
    return { id, shape: [...handle.shape], dtype: handle.dataType };
  }

  createTensor(shape: number[], dtype: number, values: unknown): number {
    using tensor = HostTensor.of(
      this.#context.symbols,
      dtype,
      shape,
      typedValues(dtype, values),
    );
    return this.#adoptHost(tensor);
  }

  /** As `createTensor`, of values that `fill` writes into the tensor's own memory. */
  createFilled(
    shape: readonly number[],
    dtype: number,
    fill: (memory: Uint8Array<ArrayBuffer>) => void,
  ): number {
    using tensor = HostTensor.filled(this.#context.symbols, dtype, shape, fill);
    return this.#adoptHost(tensor);
  }

  #adoptHost(tensor: HostTensor): number {
    const { id } = this.adopt(TensorHandle.of(this.#context.symbols, tensor));
    this.#trace?.noteConstant(id);
    return id;
  }

  deleteTensor(id: number): void {
    this.#handles.get(id)?.[Symbol.dispose]();
    this.#handles.delete(id);
    this.#trace?.forget(id);
  }

  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array {
    const handle = this.handle(id);
    using tensor = handle.resolve();
    return copyValues(handle.dataType, tensor);
  }

  /** As `tensorDataSync`, without blocking the event loop. */
  async tensorData(id: number): Promise<Float32Array | Int32Array | Uint8Array> {
    using handle = this.handle(id).share(); // the tensor may be disposed of meanwhile
    using tensor = await handle.resolveAsync();
    return copyValues(handle.dataType, tensor);
  }

  /**
   * Shows the values of a tensor where they are, without blocking the event loop.
   *
   * @param look gets the memory, and keeps nothing of it.
   */
  async lookAt(id: number, look: (memory: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    using handle = this.handle(id).share(); // as above
    using tensor = await handle.resolveAsync();
    look(tensor.bytes());
  }

  executeOp(
    name: string,
    opAttributes: readonly OpAttribute[],
    inputIds: readonly number[],
    outputCount: number,
  ): Metadata[] {
    const attributes = new Map(opAttributes.map((a) => [a.name, readAttribute(name, a)]));
    if (this.#trace !== undefined) {
      return this.#trace.execute(name, attributes, inputIds, outputCount);
    }
    using operation = new EagerOperation(this.#context, name);
    for (const id of inputIds) operation.addInput(this.handle(id));
    for (const [key, attribute] of attributes) operation.setAttribute(key, attribute);
    return operation.execute(outputCount).map((handle) => this.adopt(handle));
  }

  /** States the shape of a traced tensor that TensorFlow cannot infer; eager ones have theirs. */
  stateShape(id: number, shape: readonly number[]): void {
    this.#trace?.setShape(id, shape);
  }

  /** Has the trace that is open take a tensor's values in as a constant. */
  freeze(id: number): void {
    this.#trace?.noteConstant(id);
  }

  /** Whether matrix products may be rounded to less than float32, here or in the trace that is open. */
  get roundsProducts(): boolean {
    return this.#trace?.options.roundsProducts ??
      (this.#gpu && this.#context.options.precision !== "float32"); // then TensorFloat-32 is on
  }

  /** Where convolutions run, and in what arithmetic, here or in the trace that is open. */
  get place(): ConvolutionPlace {
    const precision = this.#trace?.options.precision ?? "float32";
    return { device: this.#gpu ? "gpu" : "cpu", precision };
  }

  /** Whether a trace is open. */
  get isTracing(): boolean {
    return this.#trace !== undefined;
  }

  /** Has operations written into `trace`, the only one, until the returned object is disposed of. */
  trace(trace: Trace): Disposable {
    this.#trace = trace;
    return { [Symbol.dispose]: () => this.#trace = undefined };
  }

  /**
   * Runs operations at once although a trace is open: what hangs on constants and shapes alone has
   * values while a function is written. To the trace a result is an eager tensor like any other.
   */
  eagerly<T>(compute: () => T): T {
    const trace = this.#trace;
    this.#trace = undefined;
    try {
      return compute();
    } finally {
      this.#trace = trace;
    }
  }

  loadSavedModel(): never {
    throw new TinctError("unimplemented", "SavedModels cannot be loaded through this backend.");
  }

  deleteSavedModel(): never {
    return this.loadSavedModel();
  }

  runSavedModel(): never {
    return this.loadSavedModel();
  }

  getNumOfSavedModels(): number {
    return 0;
  }

  /** Gives every handle back that is still there. */
  [Symbol.dispose](): void {
    for (const handle of this.#handles.values()) handle[Symbol.dispose]();
    this.#handles.clear();
  }
}

/** The values of a tensor, copied out of the library's memory. */
function copyValues(
  dataType: number,
  tensor: HostTensor,
): Float32Array | Int32Array | Uint8Array {
  const { buffer } = tensor.bytes().slice();
  switch (dataType) {
    case DataType.FLOAT:
      return new Float32Array(buffer);
    case DataType.INT32:
      return new Int32Array(buffer);
    case DataType.BOOL:
    case DataType.UINT8:
      return new Uint8Array(buffer);
    default:
      throw new TypeError(`Values of TensorFlow type ${dataType} cannot be read.`);
  }
}

/** tfjs hands numbers over as typed arrays or lists; int64 as pairs of 32 bits. */
function typedValues(dataType: number, values: unknown): ArrayBufferView {
  if (ArrayBuffer.isView(values)) return values;
  if (!Array.isArray(values)) {
    throw new TypeError(`Values of a tensor are a typed array or a list, not ${typeof values}.`);
  }
  switch (dataType) {
    case DataType.FLOAT:
      return Float32Array.from(values);
    case DataType.INT32:
      return Int32Array.from(values);
    case DataType.BOOL:
    case DataType.UINT8:
      return Uint8Array.from(values);
    default:
      throw new TypeError(`A list of values of TensorFlow type ${dataType} is not supported.`);
  }
}

function readAttribute(operation: string, { name, type, value }: OpAttribute): Attribute {
  switch (type) {
    case AttributeType.STRING:
      return { kind: "string", value: String(value) };
    case AttributeType.INT:
      return Array.isArray(value)
        ? { kind: "ints", value: value.map(Number) }
        : { kind: "int", value: Number(value) };
    case AttributeType.FLOAT:
      return { kind: "float", value: Number(value) };
    case AttributeType.BOOL:
      return { kind: "bool", value: Boolean(value) };
    case AttributeType.TYPE:
      return { kind: "type", value: Number(value) };
    case AttributeType.SHAPE:
      if (Array.isArray(value)) return { kind: "shape", value: value.map(Number) };
  }
  throw new TypeError(`${operation} has an attribute ${name} of an unknown type ${type}.`);
}
