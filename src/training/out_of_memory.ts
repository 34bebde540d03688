import type { OptionNaming } from "../config/option.ts";
import type { TrainingConfig } from "../config/training.ts";
import { messageOf, TinctError } from "../errors.ts";
import { formatBytes } from "../words.ts";
import { batchThatFits } from "./resources/step_memory.ts";

/**
 * How TensorFlow says that memory was not to be had: its allocators (on a GPU always, on a CPU for
 * what is beyond all bounds) and oneDNN, whose status 1 is `dnnl_out_of_memory`. A CPU's memory that
 * runs out bit by bit ends the process.
 */
const signs =
  /^TensorFlow (?:got no memory|failed at .*(?:OOM when allocating|could not create a memory object|exception:Status: 1,))/s;

/**
 * An error of a training, in words that help where memory ran out.
 *
 * @param memoryBytes what the training may have in all; asked for only where memory ran out.
 * @param nameOf what its reader calls an option.
 * @returns `resource_exhausted` that names the sizes and the batch that should fit; any other error
 *   as it is.
 */
export function explainOutOfMemory(
  error: unknown,
  config: TrainingConfig,
  memoryBytes: () => number,
  nameOf: OptionNaming,
): unknown {
  if (!isOutOfMemory(error)) return error;
  const { batchSize, size, ngf, accumulate } = config;
  const there = memoryBytes();
  const wanted = wantedBytes(messageOf(error));
  const asked = wanted === undefined ? "" : `one tensor needs ${formatBytes(wanted)}, and `;
  const fits = batchThatFits(config, there);
  const photos = batchSize * accumulate;
  const smaller = `${nameOf("size")} or ${nameOf("ngf")}`;
  const wayOut = fits === 0
    ? `even one photo per step would not fit, so give a smaller ${smaller}`
    : `${nameOf("batchSize")} ${fits} should fit (an estimate; with ${nameOf("accumulate")} ` +
      `${
        Math.ceil(photos / fits)
      } a step averages over as many photos), or give a smaller ${smaller}`;
  return new TinctError(
    "resource_exhausted",
    `The device has too little memory for a training step with ${nameOf("batchSize")} ` +
      `${batchSize}, ${nameOf("size")} ${size} and ${nameOf("ngf")} ${ngf}; ${asked}the ` +
      `training may have ${formatBytes(there)}: ${wayOut}.`,
    { cause: error },
  );
}

function isOutOfMemory(error: unknown): boolean {
  if (error instanceof TinctError) return signs.test(error.message);
  return error instanceof RangeError && error.message === "Array buffer allocation failed"; // V8's
}

const typeBytes: Readonly<Record<string, number>> = {
  bool: 1,
  uint8: 1,
  bfloat16: 2,
  half: 2,
  int64: 8,
  double: 8,
};

/** The bytes of the tensor that TensorFlow names: "tensor with shape[64,128,128,64] and type float". */
function wantedBytes(message: string): number | undefined {
  const [, shape, type = ""] = /tensor with shape\[([\d,]+)\] and type (\w+)/.exec(message) ?? [];
  return shape?.split(",").reduce((product, side) => product * Number(side), typeBytes[type] ?? 4);
}
