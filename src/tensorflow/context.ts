import { configProto, type SessionOptions } from "./config_proto.ts";
import { cString } from "./c_string.ts";
import type { GraphFunction } from "./function.ts";
import { NativeObject } from "./native_object.ts";
import { type Cluster, serverDef } from "./server_def.ts";
import { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";

/** `TF_ABORTED` of `tsl/c/tsl_status.h`. */
const TF_ABORTED = 10;

/** A device that TensorFlow found. */
export interface Device {
  /** Its full name, such as "/job:localhost/replica:0/task:0/device:GPU:0". */
  readonly name: string;
  /** "CPU", "GPU", … */
  readonly type: string;
  readonly memoryBytes: number;
}

/** A `TFE_Context`: the eager runtime with its devices and functions. One serves a process. */
export class Context extends NativeObject {
  readonly symbols: Symbols;
  /** The options it was made with; calls of functions carry them again. */
  readonly options: SessionOptions;

  private constructor(symbols: Symbols, pointer: Deno.PointerValue, options: SessionOptions) {
    super("TFE_Context", pointer, symbols.TFE_DeleteContext);
    this.symbols = symbols;
    this.options = options;
  }

  /** Starts the runtime: finds the devices and makes the threads. */
  static create(symbols: Symbols, options: SessionOptions): Context {
    using status = new Status(symbols);
    const contextOptions = symbols.TFE_NewContextOptions();
    try {
      const config = configProto(options);
      symbols.TFE_ContextOptionsSetConfig(
        contextOptions,
        config,
        BigInt(config.length),
        status.pointer,
      );
      status.check("TFE_ContextOptionsSetConfig");
      const pointer = symbols.TFE_NewContext(contextOptions, status.pointer);
      status.check("TFE_NewContext");
      return new Context(symbols, pointer, options);
    } finally {
      symbols.TFE_DeleteContextOptions(contextOptions);
    }
  }

  /**
   * Makes this process one of several that run collective operations together. It must come before
   * anything else is made in the context, whose devices get other names by it. TensorFlow then
   * listens at this process's port for as long as the process lives, on every network of the
   * machine and for every program on it.
   *
   * @throws TinctError when the port is taken, or TensorFlow refuses an address.
   */
  joinCluster(cluster: Cluster): void {
    using status = new Status(this.symbols);
    const definition = serverDef(cluster, this.options);
    const { pointer, symbols } = this;
    const sizeBytes = BigInt(definition.length);
    symbols.TFE_EnableCollectiveOps(pointer, definition, sizeBytes, status.pointer);
    status.check(`listening at ${cluster.addresses[cluster.rank]}`);
  }

  /**
   * Has every collective operation under way, and every later one, fail.
   *
   * @param reason what they fail with.
   */
  abortCollectives(reason: string): void {
    using status = new Status(this.symbols);
    status.set(TF_ABORTED, reason);
    this.symbols.TFE_AbortCollectiveOps(this.pointer, status.pointer);
  }

  /** The devices, in TensorFlow's order. */
  devices(): Device[] {
    using status = new Status(this.symbols);
    const list = this.symbols.TFE_ContextListDevices(this.pointer, status.pointer);
    status.check("TFE_ContextListDevices");
    try {
      return Array.from({ length: this.symbols.TF_DeviceListCount(list) }, (_, index) => {
        const name = this.symbols.TF_DeviceListName(list, index, status.pointer);
        status.check("TF_DeviceListName");
        const type = this.symbols.TF_DeviceListType(list, index, status.pointer);
        status.check("TF_DeviceListType");
        const memory = this.symbols.TF_DeviceListMemoryBytes(list, index, status.pointer);
        status.check("TF_DeviceListMemoryBytes");
        return { name: text(name), type: text(type), memoryBytes: Number(memory) };
      });
    } finally {
      this.symbols.TF_DeleteDeviceList(list);
    }
  }

  /** Makes a function callable by its name; the context keeps its own copy. */
  addFunction(graphFunction: GraphFunction): void {
    using status = new Status(this.symbols);
    this.symbols.TFE_ContextAddFunction(this.pointer, graphFunction.pointer, status.pointer);
    status.check(`adding the function ${graphFunction.name}`);
  }

  /** Forgets a function. */
  removeFunction(name: string): void {
    using status = new Status(this.symbols);
    this.symbols.TFE_ContextRemoveFunction(this.pointer, cString(name), status.pointer);
    status.check(`removing the function ${name}`);
  }
}

function text(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}
