import type { Tensor3D } from "@tensorflow/tfjs";
import { performance } from "node:perf_hooks";
import type { ColorGuide } from "../hints/color_guide.ts";
import type { Colorizer } from "../inference/colorizer.ts";

/** What a photo's pass through the model gave. */
interface PassResult {
  /** [size, size, 2]; the caller disposes of it. */
  readonly ab: Tensor3D;
  /** Waiting for others to share the pass. */
  readonly batchMs: number;
  /** In the model, for the whole batch. */
  readonly modelMs: number;
  readonly batchSize: number;
}

interface Waiting {
  readonly square: Uint8Array;
  readonly guide: ColorGuide | undefined;
  readonly arrivedMs: number;
  readonly done: PromiseWithResolvers<PassResult>;
}

/** Runs a model's work, and counts it where that is wanted. */
export type Around = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Takes photos through one model together. Nobody waits for company: a photo that finds the model idle
 * goes at once, and those who come meanwhile share the next pass.
 */
export class PassBatcher {
  readonly #colorizer: Colorizer;
  readonly #maxBatchSize: number;
  readonly #around: Around;
  readonly #waiting: Waiting[] = [];
  #isRunning = false;

  /**
   * @param colorizer is used, not owned.
   * @param around runs each pass; by default it just does.
   */
  constructor(
    colorizer: Colorizer,
    maxBatchSize: number,
    around: Around = (pass) => pass(),
  ) {
    this.#colorizer = colorizer;
    this.#maxBatchSize = maxBatchSize;
    this.#around = around;
  }

  /** @param square [size, size, 3], which must not change meanwhile; `guide` as for `Colorizer.predict`. */
  predict(square: Uint8Array, guide?: ColorGuide): Promise<PassResult> {
    const done = Promise.withResolvers<PassResult>();
    this.#waiting.push({ square, guide, arrivedMs: performance.now(), done });
    if (!this.#isRunning) void this.#run();
    return done.promise;
  }

  /** Never rejects. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#batchSize());
      const startedMs = performance.now();
      try {
        const colours = await this.#around(() =>
          this.#colorizer.predict(
            batch.map(({ square }) => square),
            batch.map(({ guide }) => guide),
          )
        );
        const modelMs = performance.now() - startedMs;
        batch.forEach(({ arrivedMs, done }, index) =>
          done.resolve({
            ab: colours[index]!,
            batchMs: startedMs - arrivedMs,
            modelMs,
            batchSize: batch.length,
          })
        );
      } catch (error) {
        for (const { done } of batch) done.reject(error);
      }
    }
    this.#isRunning = false;
  }

  /** A power of two: each number of photos costs a preparation of its own. */
  #batchSize(): number {
    return 2 ** Math.floor(Math.log2(Math.min(this.#waiting.length, this.#maxBatchSize)));
  }
}
