import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { imageNet } from "../color/imagenet_facts.ts";
import { labOfBytes, rgbOfLab, scaleLab, unscaleLab } from "../color/lab.ts";
import { CompiledFunction } from "../engine/compile.ts";
import type { Engine } from "../engine/engine.ts";
import { bytesPerPicture, type PhotoRows } from "../prepared/prepared_set.ts";
import type { ColorPredictor } from "../validation/evaluator.ts";
import type { FeatureExtractor } from "./feature_extractor.ts";
import type { Features } from "./frechet_distance.ts";

/**
 * What a network takes: -1 to 1, 0 to 1, or 0 to 255. Or what DDColor's code gives its Inception network
 * (`basicsr/metrics/custom_fid.py`): pictures of 0 to 1, not rounded to bytes, through a transform that
 * was meant for -1 to 1.
 */
export type PixelRange = "signed" | "unit" | "bytes" | "ddcolor";

/** Pictures at once. */
const batchSize = 8;

/**
 * Features of photos, and of the pictures that a model makes of them: as 8-bit sRGB, resized
 * bilinearly to what the network takes. Owns its compiled functions, not the network.
 */
export class PictureFeatures implements Disposable {
  readonly #engine: Engine;
  readonly #set: PhotoRows;
  readonly #extractor: FeatureExtractor;
  readonly #fit: CompiledFunction;

  constructor(engine: Engine, set: PhotoRows, extractor: FeatureExtractor, range: PixelRange) {
    this.#engine = engine;
    this.#set = set;
    this.#extractor = extractor;
    const { size } = extractor;
    this.#fit = new CompiledFunction(
      engine,
      (pixels, ab) => [fit(pixels!, ab, { size, range })],
      { name: "fit_pictures", precision: "float32" },
    );
  }

  /**
   * @param indices which photos.
   * @param colors who gives their colours; "gray" for none, "real" for their own.
   */
  async of(
    indices: ArrayLike<number>,
    colors: ColorPredictor | "gray" | "real",
    signal?: AbortSignal,
  ): Promise<Features> {
    const { size } = this.#set;
    let values: Float32Array | undefined;
    let features = 0;
    for (let start = 0; start < indices.length; start += batchSize) {
      signal?.throwIfAborted();
      const chosen = Array.from(indices).slice(start, start + batchSize);
      // A last, smaller batch is filled up with copies: the functions are compiled for one size.
      const filled = Array.from({ length: batchSize }, (_, i) => chosen[i % chosen.length] ?? 0);
      const bytes = new Uint8Array(batchSize * bytesPerPicture(size));
      await this.#set.readInto(filled, bytes);
      const rows = await this.#extract(bytes, colors);
      features = rows.length / batchSize;
      values ??= new Float32Array(indices.length * features);
      values.set(rows.subarray(0, chosen.length * features), start * features);
    }
    return { values: values ?? new Float32Array(0), rows: indices.length, size: features };
  }

  [Symbol.dispose](): void {
    this.#fit[Symbol.dispose]();
  }

  async #extract(
    bytes: Uint8Array,
    colors: ColorPredictor | "gray" | "real",
  ): Promise<Float32Array> {
    const { size } = this.#set;
    const owned: Tensor[] = [this.#engine.uint8Tensor(bytes, [batchSize, size, size, 3])];
    try {
      const [pixels] = owned as [Tensor];
      if (colors === "gray") owned.push(tf.zeros([batchSize, size, size, 2]));
      else if (colors !== "real") owned.push(await colors.predictColors(pixels));
      const [pictures] = await this.#fit.call(...owned);
      owned.push(pictures!);
      return await this.#extractor.extract(pictures!);
    } finally {
      tf.dispose(owned);
    }
  }
}

/**
 * @param pixels uint8 [B, H, W, 3].
 * @param ab over 110, [B, H, W, 2]; the pixels' own when left out.
 * @returns [B, size, size, 3].
 */
function fit(
  pixels: Tensor,
  ab: Tensor | undefined,
  { size, range }: { readonly size: number; readonly range: PixelRange },
): Tensor {
  const lab = labOfBytes(pixels);
  const { L } = scaleLab(lab);
  const values = rgbOfLab(ab === undefined ? lab : unscaleLab({ L, ab }));
  const rgb = (range === "ddcolor" ? values : tf.round(values)) as Tensor4D;
  const resized = tf.image.resizeBilinear(rgb, [size, size], false, true);
  switch (range) {
    case "signed":
      return tf.sub(tf.div(resized, 127.5), 1);
    case "unit":
      return tf.div(resized, 255);
    case "ddcolor": {
      const halved = tf.add(tf.div(resized, 2 * 255), 0.5);
      const scale = imageNet.deviation.map((deviation) => deviation / 0.5);
      const shift = imageNet.mean.map((mean) => (mean - 0.5) / 0.5);
      return tf.add(tf.mul(halved, tf.tensor1d(scale)), tf.tensor1d(shift));
    }
    default:
      return resized;
  }
}
