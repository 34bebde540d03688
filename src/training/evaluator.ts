import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { abScale, labOfBytes, rgbOfLab, scaleLab, unscaleLab } from "../color/lab.ts";
import type { TrainingConfig } from "../config/training.ts";
import { CompiledFunction } from "../engine/compile.ts";
import { floatToBytes } from "../engine/kernels/bytes.ts";
import { bytesPerPicture, type PhotoRows } from "../images/prepared_set.ts";
import type { SheetRow } from "../images/sample_sheet.ts";
import { unet } from "../model/unet.ts";
import type { Validation } from "./events.ts";
import type { Gan } from "./gan.ts";

/** Photos that are evaluated at once; a last, smaller batch is filled up with copies. */
const batchSize = 8;

/** Measures of one photo. */
interface PhotoScores {
  readonly psnr: number;
  readonly abError: number;
  readonly psnrGray: number;
  readonly abErrorGray: number;
}

/** One batch colorized: bytes of the pictures and a row of scores a photo. */
interface Evaluated {
  readonly scores: PhotoScores[];
  readonly gray: Uint8Array;
  readonly colorized: Uint8Array;
  readonly real: Uint8Array;
}

/** Runs the generator in evaluation mode on photos of a set. Owns the compiled function. */
export class Evaluator implements Disposable {
  readonly #gan: Gan;
  readonly #set: PhotoRows;
  readonly #function: CompiledFunction;

  constructor(gan: Gan, set: PhotoRows, precision: TrainingConfig["precision"]) {
    this.#gan = gan;
    this.#set = set;
    this.#function = new CompiledFunction(gan.engine, (pixels) => evaluate(gan, pixels!), {
      name: "evaluate",
      precision,
    });
  }

  /** Colorizes photos and measures how near they come to the real ones. */
  async validate(indices: ArrayLike<number>, signal?: AbortSignal): Promise<Validation> {
    const scores: PhotoScores[] = [];
    for await (const batch of this.#batches(indices, signal)) scores.push(...batch.scores);
    const mean = (name: keyof PhotoScores) =>
      scores.reduce((sum, score) => sum + score[name], 0) / scores.length;
    return {
      psnr: mean("psnr"),
      abError: mean("abError"),
      psnrGray: mean("psnrGray"),
      abErrorGray: mean("abErrorGray"),
      photos: scores.length,
    };
  }

  /** The rows of a sample sheet: L, colorized, real. */
  async sampleRows(indices: ArrayLike<number>): Promise<SheetRow[]> {
    const rows: SheetRow[] = [];
    const sizeBytes = bytesPerPicture(this.#set.size);
    for await (const { scores, gray, colorized, real } of this.#batches(indices)) {
      scores.forEach(({ psnr, psnrGray }, i) => {
        const cut = (pictures: Uint8Array) => pictures.subarray(i * sizeBytes, (i + 1) * sizeBytes);
        rows.push({
          pictures: [cut(gray), cut(colorized), cut(real)],
          captions: [`${psnrGray.toFixed(1)} dB`, `${psnr.toFixed(1)} dB`, ""],
        });
      });
    }
    return rows;
  }

  [Symbol.dispose](): void {
    this.#function[Symbol.dispose]();
  }

  async *#batches(indices: ArrayLike<number>, signal?: AbortSignal): AsyncGenerator<Evaluated> {
    const { engine } = this.#gan;
    const { size } = this.#set;
    const sizeBytes = bytesPerPicture(size);
    for (let start = 0; start < indices.length; start += batchSize) {
      signal?.throwIfAborted();
      const chosen = Array.from(indices).slice(start, start + batchSize);
      const filled = Array.from({ length: batchSize }, (_, i) => chosen[i % chosen.length] ?? 0);
      const real = new Uint8Array(batchSize * sizeBytes);
      await this.#set.readInto(filled, real);
      const pixels = engine.uint8Tensor(real, [batchSize, size, size, 3]);
      const results = await this.#function.call(pixels);
      try {
        const [scores, colorized, gray] = results as [Tensor, Tensor, Tensor];
        const values = await engine.read(scores);
        yield {
          scores: chosen.map((_, i) => scoresOf(values.subarray(4 * i, 4 * i + 4))),
          colorized: await engine.readBytes(colorized),
          gray: await engine.readBytes(gray),
          real,
        };
      } finally {
        tf.dispose([pixels, ...results]);
      }
    }
  }
}

function scoresOf(row: Float32Array): PhotoScores {
  const [mse = NaN, abError = NaN, mseGray = NaN, abErrorGray = NaN] = row;
  return { psnr: psnrOf(mse), abError, psnrGray: psnrOf(mseGray), abErrorGray };
}

/** Peak signal-to-noise ratio of bytes, dB; 100 stands for no difference at all. */
function psnrOf(meanSquaredError: number): number {
  return meanSquaredError === 0 ? 100 : 10 * Math.log10(255 ** 2 / meanSquaredError);
}

/**
 * @param pixels uint8, [B, H, W, 3].
 * @returns scores [B, 4]: mean squared error of the colorized bytes and mean distance in ab, then the
 *   same of the gray picture; the colorized pictures and the gray ones, uint8 [B, H, W, 3].
 */
function evaluate(gan: Gan, pixels: Tensor): Tensor[] {
  const lab = labOfBytes(pixels);
  const { L, ab } = scaleLab(lab);
  const fake = unet(L, gan.generator.evaluation(), gan.config);
  const real = tf.round(rgbOfLab(lab)); // the bytes themselves, as floats
  const bytesOf = (ab: Tensor) => tf.round(rgbOfLab(unscaleLab({ L, ab })));
  const [colorized, gray] = [bytesOf(fake), bytesOf(tf.zerosLike(ab))];
  const squared = (bytes: Tensor) => tf.mean(tf.squaredDifference(bytes, real), [1, 2, 3]);
  const distance = (other: Tensor) =>
    tf.mul(tf.mean(tf.sqrt(tf.sum(tf.squaredDifference(other, ab), 3)), [1, 2]), abScale);
  const scores = tf.stack([
    squared(colorized),
    distance(fake),
    squared(gray),
    distance(tf.zerosLike(ab)),
  ], 1);
  return [scores, floatToBytes(colorized), floatToBytes(gray)];
}
