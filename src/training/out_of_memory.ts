import type { TrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";

/**
 * How TensorFlow says that memory was not to be had: its allocators (on a GPU always, on a CPU for
 * what is beyond all bounds) and oneDNN. A CPU's memory that runs out bit by bit ends the process.
 */
const signs = /^TensorFlow failed at .*(?:OOM when allocating|could not create a memory object)/s;

/**
 * An error of a training, in words that help where memory ran out.
 *
 * @returns `resource_exhausted` that names the sizes and the way out; any other error as it is.
 */
export function explainOutOfMemory(
  error: unknown,
  { batchSize, size, ngf, accumulate }: Pick<
    TrainingConfig,
    "batchSize" | "size" | "ngf" | "accumulate"
  >,
): unknown {
  if (!(error instanceof TinctError) || !signs.test(error.message)) return error;
  const sameBatch = batchSize > 1
    ? ` (accumulate ${2 * accumulate} with batchSize ${
      Math.ceil(batchSize / 2)
    } averages over as many photos)`
    : "";
  return new TinctError(
    "resource_exhausted",
    `The device's memory does not hold a training step with batchSize ${batchSize}, size ${size} ` +
      `and ngf ${ngf}: give a smaller batchSize${sameBatch}, size or ngf.`,
    { cause: error },
  );
}
