import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { bytesPerPicture, type PhotoRows } from "../prepared/prepared_set.ts";
import { fitTile } from "../drawing/sample_sheet.ts";
import {
  measuredNumbers,
  measurePictures,
  readMeasures,
  showPictures,
} from "./measure_pictures.ts";
import { type PhotoJudgement, summarize, type Validation } from "./measures.ts";

/** Photos that are evaluated at once up to 256 pixels a side; of larger ones fewer. */
const largestBatch = 8;

/** Predicts the colours of photos on the device. */
export interface ColorPredictor {
  /**
   * @param pixels uint8 [B, size, size, 3].
   * @returns ab over 110, [B, size, size, 2]; the caller's own.
   */
  predictColors(pixels: Tensor): Promise<Tensor>;
}

/** What became of one photo, to look at: squares of RGB bytes, see `fitTile`. */
export interface ShownPhoto {
  /** Its lightness. */
  readonly gray: Uint8Array;
  readonly colorized: Uint8Array;
  readonly real: Uint8Array;
  /** The predicted colours at L = 50. */
  readonly chroma: Uint8Array;
  /** CIEDE2000 between `colorized` and `real`, in the colours of `differenceColors`. */
  readonly difference: Uint8Array;
  readonly judgement: PhotoJudgement;
}

/** Photos on the device: a last, smaller batch is filled up with copies. */
interface Batch {
  readonly chosen: readonly number[];
  readonly real: Uint8Array;
  readonly pixels: Tensor;
}

/**
 * Measures predicted colours on photos of a set, in float32 and on the device. Owns its compiled
 * functions, neither the set nor the predictor.
 */
export class Evaluator implements Disposable {
  readonly #engine: Engine;
  readonly #set: PhotoRows;
  readonly #predictor: ColorPredictor;
  readonly #measure: CompiledFunction;
  readonly #show: CompiledFunction;
  /** What the photos are without colours, by index: it is the same at every validation. */
  readonly #gray = new Map<number, PhotoJudgement["gray"]>();

  /** @param options `colorfulness`: how it is counted; see `measurePictures`. */
  constructor(
    engine: Engine,
    set: PhotoRows,
    predictor: ColorPredictor,
    { colorfulness }: { readonly colorfulness?: ((rgb: Tensor) => Tensor) | undefined } = {},
  ) {
    this.#engine = engine;
    this.#set = set;
    this.#predictor = predictor;
    const precision = "float32"; // whatever the networks compute in
    this.#measure = new CompiledFunction(
      engine,
      (pixels, ab) => [measurePictures(pixels!, ab!, colorfulness)],
      { name: "measure_pictures", precision },
    );
    this.#show = new CompiledFunction(engine, (pixels, ab) => showPictures(pixels!, ab!), {
      name: "show_pictures",
      precision,
    });
  }

  /** Colorizes photos and takes the means of what they became. */
  async validate(indices: ArrayLike<number>, signal?: AbortSignal): Promise<Validation> {
    return summarize(await this.judge(indices, signal));
  }

  /** Colorizes photos and measures how near they come to the real ones, in the order of `indices`. */
  async judge(indices: ArrayLike<number>, signal?: AbortSignal): Promise<PhotoJudgement[]> {
    const judged: PhotoJudgement[] = [];
    for await (const batch of this.#batches(indices, signal)) {
      const ab = await this.#predictor.predictColors(batch.pixels);
      try {
        judged.push(...await this.#judge(batch, ab));
      } finally {
        ab.dispose();
      }
    }
    return judged;
  }

  /** Colorizes photos to look at. */
  async show(indices: ArrayLike<number>, signal?: AbortSignal): Promise<ShownPhoto[]> {
    const shown: ShownPhoto[] = [];
    const sizeBytes = bytesPerPicture(this.#set.size);
    for await (const batch of this.#batches(indices, signal)) {
      const results: Tensor[] = [];
      try {
        const ab = await this.#predictor.predictColors(batch.pixels);
        results.push(ab);
        const judged = await this.#judge(batch, ab);
        results.push(...await this.#show.call(batch.pixels, ab));
        const bytes = await Promise.all(
          results.slice(1).map((each) => this.#engine.readBytes(each)),
        );
        const sheet = { columns: bytes.length + 1, rows: indices.length };
        for (const [i, judgement] of judged.entries()) {
          const pictures = [...bytes, batch.real]
            .map((all) => fitTile(all.subarray(i * sizeBytes, (i + 1) * sizeBytes), sheet));
          const [gray, colorized, chroma, difference, real] = await Promise.all(pictures) as [
            Uint8Array,
            Uint8Array,
            Uint8Array,
            Uint8Array,
            Uint8Array,
          ];
          shown.push({ gray, colorized, real, chroma, difference, judgement });
        }
      } finally {
        tf.dispose(results);
      }
    }
    return shown;
  }

  [Symbol.dispose](): void {
    this.#measure[Symbol.dispose]();
    this.#show[Symbol.dispose]();
  }

  async #judge({ chosen, pixels }: Batch, ab: Tensor): Promise<PhotoJudgement[]> {
    if (chosen.some((index) => !this.#gray.has(index))) {
      const none = tf.zeros(ab.shape);
      try {
        const rows = await this.#measured(pixels, none);
        chosen.forEach((index, i) => this.#gray.set(index, rows[i]!.measures));
      } finally {
        none.dispose();
      }
    }
    const rows = await this.#measured(pixels, ab);
    return chosen.map((index, i) => {
      const { measures: colorized, realColorfulness } = rows[i]!;
      return { colorized, gray: this.#gray.get(index)!, realColorfulness };
    });
  }

  async #measured(pixels: Tensor, ab: Tensor): Promise<ReturnType<typeof readMeasures>[]> {
    const [scores] = await this.#measure.call(pixels, ab);
    try {
      const values = await this.#engine.read(scores!);
      return Array.from(
        { length: values.length / measuredNumbers },
        (_, i) => readMeasures(values.subarray(measuredNumbers * i, measuredNumbers * (i + 1))),
      );
    } finally {
      scores?.dispose();
    }
  }

  async *#batches(indices: ArrayLike<number>, signal?: AbortSignal): AsyncGenerator<Batch> {
    const { size } = this.#set;
    const fitting = Math.floor(largestBatch * 256 ** 2 / size ** 2);
    const batchSize = Math.min(largestBatch, Math.max(1, fitting));
    for (let start = 0; start < indices.length; start += batchSize) {
      signal?.throwIfAborted();
      const chosen = Array.from(indices).slice(start, start + batchSize);
      const filled = Array.from({ length: batchSize }, (_, i) => chosen[i % chosen.length] ?? 0);
      const real = new Uint8Array(batchSize * bytesPerPicture(size));
      await this.#set.readInto(filled, real);
      const pixels = this.#engine.uint8Tensor(real, [batchSize, size, size, 3]);
      try {
        yield { chosen, real, pixels };
      } finally {
        pixels.dispose();
      }
    }
  }
}
