import nodeUtil from "node:util";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import type { NodeJSKernelBackend } from "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.d.ts";
import { TinctError } from "../errors.ts";
import { noGpu } from "../gpu/why_no_gpu.ts";
import { Context } from "../tensorflow/context.ts";
import { openUnreachedLibraries } from "../tensorflow/cuda_facts.ts";
import type { SessionOptions } from "../tensorflow/config_proto.ts";
import type { Cluster } from "../tensorflow/server_def.ts";
import { requireDeterminism } from "../tensorflow/determinism.ts";
import { DataType } from "../tensorflow/data_type.ts";
import { allowTensorFloat32 } from "../tensorflow/tensor_float_32.ts";
import { loadTensorFlow } from "../tensorflow/load_library.ts";
import { keepToLoopback } from "../tensorflow/loopback_listener.ts";
import { loadQuietly } from "../tensorflow/quiet_load.ts";
import { Binding } from "./binding.ts";
import { gatherGpuFacts } from "./gpu_facts.ts";
import { registerKernels } from "./kernels/register.ts";

/** The name under which tfjs knows the backend; the kernels of tfjs-node-gpu insist on it. */
const backendName = "tensorflow";

const runsAlready = "An engine runs already; dispose of it first.";

/** How the engine is to run. */
export interface EngineOptions extends Partial<SessionOptions> {
  /** Path of `libtensorflow_cc.so.2`. */
  readonly libraryPath: string;
  /** Leave the lines that TensorFlow logs; default false. */
  readonly log?: boolean;
  /** "cpu", or "gpu", which refuses to start where TensorFlow finds none. Default "cpu". */
  readonly device?: "cpu" | "gpu";
  /**
   * On a GPU: compute the same numbers whenever given the same, so that a resumed run is, to the bit,
   * one that was not stopped. Default true; a CPU always does.
   */
  readonly deterministic?: boolean;
  /** The value of `CUDA_VISIBLE_DEVICES`, to say why there is no GPU. */
  readonly visibleGpus?: string | undefined;
  /** The PATH, for the same. */
  readonly searchPath?: string | undefined;
  /** The processes that compute together with this one; by default there are none. */
  readonly cluster?: Cluster | undefined;
}

/**
 * tfjs on TensorFlow: while it lives, every tfjs operation of this process runs through it.
 * There is one at a time; its owner disposes of it.
 */
export class Engine implements Disposable {
  readonly context: Context;
  readonly binding: Binding;
  readonly backend: NodeJSKernelBackend;
  /** The library's version, such as "2.21.0". */
  readonly version: string;

  private constructor(
    context: Context,
    binding: Binding,
    backend: NodeJSKernelBackend,
    version: string,
  ) {
    this.context = context;
    this.binding = binding;
    this.backend = backend;
    this.version = version;
  }

  /**
   * Loads the library and makes it tfjs's backend.
   *
   * @throws TinctError `failed_precondition` when the library does not load, or a GPU was asked for
   *   and none was found.
   */
  static async start(options: EngineOptions): Promise<Engine> {
    if (tf.findBackend(backendName) !== null) {
      throw new TypeError(runsAlready);
    }
    const { libraryPath, log = false } = options;
    const load = () => loadTensorFlow(libraryPath);
    const { symbols, version } = loadQuietly(libraryPath, load, { log });
    const device = options.device ?? "cpu";
    if (device === "gpu") openUnreachedLibraries(libraryPath);
    const context = Context.create(symbols, {
      threads: options.threads ?? 0,
      precision: options.precision ?? "float32",
      gpu: device === "gpu",
      gpuMemoryGrowth: options.gpuMemoryGrowth ?? true,
    });
    try {
      if (device === "gpu" && context.devices().every(({ type }) => type !== "GPU")) {
        throw noGpu(gatherGpuFacts({ symbols, libraryPath }, options));
      }
      setTensorFloat32(context);
      if (device === "gpu") setDeterminism(context, options.deterministic ?? true);
      if (options.cluster !== undefined) join(context, options.cluster);
      const binding = new Binding(context, version);
      const NodeBackend = await loadKernels();
      const backend = new NodeBackend(binding, "@tensorflow/tfjs-node-gpu");
      registerKernels();
      // Another start may have been quicker while the kernels were loading.
      if (tf.findBackendFactory(backendName) !== null) throw new TypeError(runsAlready);
      tf.registerBackend(backendName, () => backend);
      await tf.setBackend(backendName);
      return new Engine(context, binding, backend, version);
    } catch (error) {
      context[Symbol.dispose]();
      throw error;
    }
  }

  /** Bytes as a tensor of type uint8, which only `lookUpBytes` takes further. */
  uint8Tensor(bytes: Uint8Array, shape: readonly number[]): Tensor {
    const id = this.binding.createTensor([...shape], DataType.UINT8, bytes);
    return this.tensorOf({ id, shape: [...shape], dtype: DataType.UINT8 });
  }

  /**
   * A tensor whose values are written where the library will read them: what comes in pieces is copied
   * once.
   *
   * @param fill gets the tensor's memory, which holds anything before, and keeps nothing of it.
   */
  filledTensor(
    dtype: "uint8" | "float32",
    shape: readonly number[],
    fill: (memory: Uint8Array<ArrayBuffer>) => void,
  ): Tensor {
    const type = dtype === "uint8" ? DataType.UINT8 : DataType.FLOAT;
    const id = this.binding.createFilled(shape, type, fill);
    return this.tensorOf({ id, shape: [...shape], dtype: type });
  }

  /** The tensor id behind a tfjs tensor. Throws TypeError once it has been disposed of. */
  idOf(tensor: Tensor): number {
    if (tensor.isDisposed) throw new TypeError("The tensor has been disposed of.");
    // Private by name only: tfjs-node-gpu's own kernels call it from outside.
    const [id] = this.backend["getInputTensorIds"]([tensor]);
    if (id === undefined) throw new TypeError("The tensor has no id.");
    return id;
  }

  /** Makes a tfjs tensor of a result; tfjs owns it from now on. */
  tensorOf(metadata: { id: number; shape: number[]; dtype: number }): Tensor {
    return this.backend["createOutputTensor"](metadata); // private by name only, as above
  }

  /**
   * Says that an eager tensor will never change. A function that is being traced then takes its
   * values in as a constant, which TensorFlow prepares once (oneDNN lays weights out anew), and
   * keeps them itself: the tensor may be disposed of afterwards. Without a trace nothing happens.
   *
   * @returns the same tensor.
   */
  freeze<T extends Tensor>(tensor: T): T {
    this.binding.freeze(this.idOf(tensor));
    return tensor;
  }

  /** The values of a float32 tensor, without blocking the event loop. */
  async read(tensor: Tensor): Promise<Float32Array> {
    const values = await this.binding.tensorData(this.idOf(tensor));
    if (values instanceof Float32Array) return values;
    throw new TypeError(`A float32 tensor was expected, not ${tensor.dtype}.`);
  }

  /** The values of a uint8 tensor, without blocking the event loop. */
  async readBytes(tensor: Tensor): Promise<Uint8Array> {
    const values = await this.binding.tensorData(this.idOf(tensor));
    if (values instanceof Uint8Array) return values;
    throw new TypeError(`A uint8 tensor was expected, not ${tensor.dtype}.`);
  }

  /**
   * Shows the values of a tensor where they are, without a copy and without blocking the event loop.
   *
   * @param look gets the memory, and keeps nothing of it.
   */
  async lookAt(tensor: Tensor, look: (memory: Uint8Array<ArrayBuffer>) => void): Promise<void> {
    await this.binding.lookAt(this.idOf(tensor), look);
  }

  [Symbol.dispose](): void {
    if (tf.findBackend(backendName) !== this.backend) return;
    tf.removeBackend(backendName);
    this.binding[Symbol.dispose]();
    this.context[Symbol.dispose]();
  }
}

/** Lets GPUs round to TensorFloat-32, or not, as the precision says. */
function setTensorFloat32({ symbols, options: { precision, gpu } }: Context): void {
  const allowed = precision !== "float32"; // beside bfloat16 it is the finer of the two
  if (allowTensorFloat32(symbols, allowed) || !gpu || allowed) return;
  throw new TinctError(
    "failed_precondition",
    "This TensorFlow library cannot switch TensorFloat-32 off, so float32 on a GPU would be rounded: " +
      "take --precision tf32, or the library that `deno task tinct setup --gpu` fetches.",
  );
}

/** Has a GPU compute the same again and again, or not, for the whole process. */
function setDeterminism({ symbols }: Context, required: boolean): void {
  if (requireDeterminism(symbols, required) || !required) return;
  throw new TinctError(
    "failed_precondition",
    "This TensorFlow library cannot compute deterministically on a GPU: " +
      "take --no-deterministic, or the library that `deno task tinct setup --gpu` fetches.",
  );
}

/** Joins a cluster; one whose addresses are all of this machine is kept to it. */
function join(context: Context, cluster: Cluster): void {
  context.joinCluster(cluster);
  const ports = cluster.addresses.map((address) => /^127\.\d+\.\d+\.\d+:(\d+)$/.exec(address)?.[1]);
  if (ports.includes(undefined)) return;
  keepToLoopback(Number(ports[cluster.rank]));
}

/** The JavaScript half of tfjs-node-gpu. Its main file would load the native addon: not that one. */
async function loadKernels(): Promise<typeof NodeJSKernelBackend> {
  // The kernels call util.isNullOrUndefined, which newer runtimes no longer have.
  const util = nodeUtil as { isNullOrUndefined?: (value: unknown) => boolean };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  const module = await import("@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js");
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  return module.NodeJSKernelBackend;
}
