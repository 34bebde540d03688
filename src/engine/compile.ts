import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { configProto, type Precision } from "../tensorflow/config_proto.ts";
import { EagerOperation } from "../tensorflow/operation.ts";
import type { Engine } from "./engine.ts";
import { Trace, type Traced, type TraceOptions } from "./trace.ts";

/** Makes the names of functions distinct within the process. */
let nextFunction = 0;

/** How a function is compiled. */
export interface CompileOptions {
  /** What it is called in messages and profiles. */
  readonly name: string;
  /** Compile with XLA; default false. */
  readonly xla?: boolean;
  /** Arithmetic of convolutions; default: the engine's. */
  readonly precision?: Precision;
  /** False leaves out the control edges between reads and writes; see `Trace`. */
  readonly ordered?: boolean;
  /**
   * Cast around convolutions while tracing, as bfloat16 needs it on GPUs: Grappler rewrites for CPUs
   * alone. Default: where the precision is bfloat16 and there is a GPU.
   */
  readonly castConvolutions?: boolean;
}

/**
 * A function of tensors as one TensorFlow function, this program's `tf.function`: the first call
 * with new input shapes traces it, every call runs the traced graph. What it reads from the outside
 * (tensors, variables) becomes an input of the graph, numbers become constants.
 */
export class CompiledFunction implements Disposable {
  readonly #engine: Engine;
  readonly #body: (...inputs: Tensor[]) => Tensor[];
  readonly #options: CompileOptions;
  readonly #config: Uint8Array<ArrayBuffer>;
  readonly #traceOptions: TraceOptions;
  readonly #traced = new Map<string, Traced & { readonly outputCount: number }>();
  #disposed = false;

  /** @param body its code; must do the same whenever it is called with the same shapes. */
  constructor(engine: Engine, body: (...inputs: Tensor[]) => Tensor[], options: CompileOptions) {
    this.#engine = engine;
    this.#body = body;
    this.#options = options;
    const { precision = engine.context.options.precision } = options;
    this.#config = configProto({ ...engine.context.options, precision });
    const hasGpu = engine.binding.isUsingGpuDevice();
    const {
      ordered = true,
      castConvolutions = precision === "bfloat16" && hasGpu,
    } = options;
    this.#traceOptions = {
      ordered,
      castConvolutions,
      precision,
      // TensorFloat-32 is a matter of the whole process.
      roundsProducts: precision === "bfloat16" ||
        (hasGpu && engine.context.options.precision !== "float32"),
    };
  }

  /** How many different input shapes have been traced. */
  get traceCount(): number {
    return this.#traced.size;
  }

  /** Nodes of all traced graphs. */
  get nodeCount(): number {
    return [...this.#traced.values()].reduce((sum, { nodeCount }) => sum + nodeCount, 0);
  }

  /** Tensors of the outside that all traced graphs take as inputs. */
  get captureCount(): number {
    return [...this.#traced.values()].reduce((sum, { captures }) => sum + captures.length, 0);
  }

  /** Traces for these inputs, unless that has been done. */
  prepare(...inputs: Tensor[]): void {
    this.#tracedFor(inputs);
  }

  /**
   * Runs it without blocking the event loop.
   *
   * @returns its results, owned by the caller.
   * @throws TypeError when it has been disposed of, or another function is being traced.
   */
  async call(...inputs: Tensor[]): Promise<Tensor[]> {
    const traced = this.#tracedFor(inputs);
    using operation = new EagerOperation(this.#engine.context, traced.function.name);
    // Grappler sees only the configuration that the call itself carries.
    operation.setAttribute("config_proto", { kind: "string", value: this.#config });
    for (const input of inputs) {
      operation.addInput(this.#engine.binding.handle(this.#engine.idOf(input)));
    }
    for (const handle of traced.captures) operation.addInput(handle);
    const results = await operation.executeAsync(traced.outputCount);
    return results.map((handle) => this.#engine.tensorOf(this.#engine.binding.adopt(handle)));
  }

  /** Gives the functions and what they captured back; no call may be under way. */
  [Symbol.dispose](): void {
    this.#disposed = true;
    for (const traced of this.#traced.values()) {
      this.#engine.context.removeFunction(traced.function.name);
      traced.function[Symbol.dispose]();
      for (const handle of traced.captures) handle[Symbol.dispose]();
    }
    this.#traced.clear();
  }

  #tracedFor(inputs: readonly Tensor[]) {
    const { name } = this.#options;
    if (this.#disposed) throw new TypeError(`The function ${name} has been disposed of.`);
    if (this.#engine.binding.isTracing) {
      throw new TypeError(
        `The compiled function ${name} was called while another was being traced; ` +
          "have both call its body instead.",
      );
    }
    const signature = inputs.map((input) => {
      const { dataType, shape } = this.#engine.binding.handle(this.#engine.idOf(input));
      return `${dataType}[${shape}]`;
    }).join();
    let traced = this.#traced.get(signature);
    if (traced === undefined) {
      traced = this.#trace(inputs);
      this.#traced.set(signature, traced);
    }
    return traced;
  }

  #trace(inputs: readonly Tensor[]) {
    const { binding, context } = this.#engine;
    const { name, xla = false } = this.#options;
    using trace = new Trace(context.symbols, binding, this.#traceOptions);
    using _tracing = binding.trace(trace);
    // Everything made in here goes with the scope; what the body only hands on stays its owner's.
    const scope = tf.engine();
    scope.startScope(name);
    try {
      const placeholders = inputs.map((input) => {
        const { dataType, shape } = binding.handle(this.#engine.idOf(input));
        return this.#engine.tensorOf(trace.placeholder(dataType, shape));
      });
      const outputs = this.#body(...placeholders);
      const traced = trace.finish(
        `${name}_${nextFunction++}`,
        placeholders.map((tensor) => this.#engine.idOf(tensor)),
        outputs.map((tensor) => this.#engine.idOf(tensor)),
        xla,
      );
      context.addFunction(traced.function);
      return { ...traced, outputCount: outputs.length };
    } finally {
      scope.endScope();
    }
  }
}
