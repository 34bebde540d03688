import { type Field, message, messageField, stringField, varintField } from "./protobuf.ts";

/**
 * Arithmetic of convolutions and products. "tf32" is float32 where a GPU may round what it multiplies
 * to TensorFloat-32 (10 bits of mantissa); see `allowTensorFloat32`.
 */
export type Precision = "float32" | "tf32" | "bfloat16";

/** What a context, and each call of a compiled function, is told about how to run. */
export interface SessionOptions {
  /** Threads of one operation and of operations side by side; 0: as many as there are cores. */
  readonly threads: number;
  /** "bfloat16" lets Grappler rewrite convolutions and products for CPUs. */
  readonly precision: Precision;
  /** False hides every GPU. */
  readonly gpu: boolean;
  /** True takes GPU memory as it is needed instead of all of it at the start. */
  readonly gpuMemoryGrowth: boolean;
}

/**
 * A serialized `ConfigProto` (`tensorflow/core/protobuf/config.proto`, `rewriter_config.proto`).
 * A context takes it for its devices and threads; a call of a function needs it once more, as the
 * attribute `config_proto`, since Grappler sees only what the call itself carries.
 */
export function configProto(options: SessionOptions): Uint8Array<ArrayBuffer> {
  return message(...configFields(options));
}

/** The fields of a `ConfigProto`, for a message that holds one. */
export function configFields(options: SessionOptions): Field[] {
  const fields: Field[] = [
    varintField(2, options.threads), // intra_op_parallelism_threads
    varintField(5, options.threads), // inter_op_parallelism_threads
    messageField(6, varintField(4, options.gpuMemoryGrowth)), // gpu_options.allow_growth
  ];
  if (!options.gpu) {
    fields.push(messageField(1, stringField(1, "GPU"), varintField(2, 0))); // device_count
  }
  const rewriteOptions = messageField(10, ...rewriteFields(options));
  fields.push(messageField(10, rewriteOptions)); // graph_options
  return fields;
}

/** RewriterConfig's values. */
const ON = 1, OFF = 2, NO_MEM_OPT = 1;

/**
 * The fields of a `RewriterConfig`. Grappler rewrites a function before its first call, which takes
 * most of that call where the networks are small. Its passes for loops and functions within a graph
 * find neither in ours, and those for layouts and memory do nothing for a CPU, so they are left out:
 * they took 45 % of Grappler's time. (A single round instead of two would change results by a bit.)
 */
function rewriteFields({ gpu, precision }: SessionOptions): Field[] {
  const forGpus = [
    varintField(1, OFF), // layout_optimizer
    varintField(4, NO_MEM_OPT), // memory_optimization
  ];
  return [
    ...(gpu ? [] : forGpus),
    varintField(9, OFF), // loop_optimization
    varintField(22, OFF), // implementation_selector
    ...(precision === "bfloat16" ? [varintField(31, ON)] : []), // auto_mixed_precision_onednn_bfloat16
    varintField(32, true), // disable_tfg_optimizer
  ];
}
