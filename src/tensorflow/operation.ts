import { type Attribute, setEagerAttribute } from "./attributes.ts";
import { cString } from "./c_string.ts";
import type { Context } from "./context.ts";
import { NativeObject } from "./native_object.ts";
import { Status } from "./status.ts";
import { TensorHandle } from "./tensor_handle.ts";

/** A `TFE_Op`: one call of an operation or function of the eager runtime. */
export class EagerOperation extends NativeObject {
  readonly #context: Context;
  readonly #name: string;

  /** @param name an operation such as "Conv2D", or a function that the context knows. */
  constructor(context: Context, name: string) {
    using status = new Status(context.symbols);
    const pointer = context.symbols.TFE_NewOp(context.pointer, cString(name), status.pointer);
    status.check(`the operation ${name}`);
    super("TFE_Op", pointer, context.symbols.TFE_DeleteOp);
    this.#context = context;
    this.#name = name;
  }

  /** Adds the next input; the operation refers to it until it has been disposed of. */
  addInput(handle: TensorHandle): void {
    const { symbols } = this.#context;
    using status = new Status(symbols);
    symbols.TFE_OpAddInput(this.pointer, handle.pointer, status.pointer);
    status.check(`an input of ${this.#name}`);
  }

  setAttribute(name: string, attribute: Attribute): void {
    using status = new Status(this.#context.symbols);
    setEagerAttribute(this.#context.symbols, this.pointer, name, attribute, status);
  }

  /** Runs it and waits. The caller owns the results, `maxOutputs` of them at most. */
  execute(maxOutputs: number): TensorHandle[] {
    const { symbols } = this.#context;
    using status = new Status(symbols);
    const results = new BigUint64Array(Math.max(maxOutputs, 1));
    const count = new Int32Array([maxOutputs]);
    symbols.TFE_Execute(this.pointer, results, count, status.pointer);
    status.check(this.#name);
    return this.#own(results, count);
  }

  /** As `execute`, on a thread of the runtime: the event loop stays free. */
  async executeAsync(maxOutputs: number): Promise<TensorHandle[]> {
    const { symbols } = this.#context;
    using status = new Status(symbols);
    const results = new BigUint64Array(Math.max(maxOutputs, 1));
    const count = new Int32Array([maxOutputs]);
    await symbols.TFE_ExecuteAsync(this.pointer, results, count, status.pointer);
    status.check(this.#name);
    return this.#own(results, count);
  }

  #own(results: BigUint64Array, count: Int32Array): TensorHandle[] {
    return Array.from(
      results.subarray(0, count[0] ?? 0),
      (address) => new TensorHandle(this.#context.symbols, Deno.UnsafePointer.create(address)),
    );
  }
}
