import type { TrainingConfig } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import type { FeatureExtractor } from "../evaluation/feature_extractor.ts";
import { type Features, frechetDistance } from "../evaluation/frechet_distance.ts";
import { PictureFeatures, type PixelRange } from "../evaluation/picture_features.ts";
import type { PhotoLimits } from "../images/photo_limits.ts";
import type { SquashFilter } from "../images/squash.ts";
import { preparePhotos } from "../prepared/prepare_photos.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { shuffled } from "../prepared/shuffle.ts";
import { splitSet } from "../prepared/split_set.ts";
import type { ColorPredictor } from "../validation/evaluator.ts";
import type { CommandContext } from "../terminal/command.ts";
import { preparedFolder, showPreparing } from "../local_training/prepare_data.ts";
import { warnOfPhotos } from "../local_training/training_session.ts";

/** The network that FID goes by. */
export interface FidNetwork {
  readonly extractor: FeatureExtractor;
  readonly range: PixelRange;
}

/** Which photos of a folder. */
export interface PhotoChoice {
  readonly limit: number;
  readonly seed: number;
  readonly limits: PhotoLimits;
  readonly filter: SquashFilter;
  /** How runs split their photos: only those that each of them kept for validation are taken. */
  readonly splits: readonly Pick<TrainingConfig, "seed" | "validationFraction">[];
}

/** The photos that all models are measured on, prepared at the first one's size. Owns the set. */
export class EvaluationPhotos implements AsyncDisposable {
  readonly #context: CommandContext;
  readonly #folder: string;
  readonly #choice: PhotoChoice;
  /** Features of the photos, and of them without any colour. */
  #real: Features | undefined;
  #gray: Features | undefined;
  #prepared: { readonly set: PreparedSet; readonly indices: Uint32Array } | undefined;

  constructor(
    context: CommandContext,
    folder: string,
    choice: PhotoChoice,
  ) {
    this.#context = context;
    this.#folder = folder;
    this.#choice = choice;
  }

  /** The set that `at` prepared, and which photos of it. */
  get prepared(): { readonly set: PreparedSet; readonly indices: Uint32Array } {
    if (this.#prepared === undefined) throw new TypeError("No photos have been prepared.");
    return this.#prepared;
  }

  /**
   * @param size pixels along a side.
   * @param model whose size it is.
   * @throws TinctError `invalid_argument` for another size than the first.
   */
  async at(size: number, model: string): Promise<EvaluationPhotos["prepared"]> {
    this.#prepared ??= await this.#prepare(size);
    const { set } = this.#prepared;
    if (set.size === size) return this.#prepared;
    throw new TinctError(
      "invalid_argument",
      `${model} sees ${size} x ${size} pixels and the first model ${set.size} x ${set.size}: their ` +
        "numbers would not be of the same pictures. Give --size to bring both to one size.",
    );
  }

  /** The Frechet distance of what a model makes of the photos, and of gray, from the photos. */
  async fid(
    engine: Engine,
    { extractor, range }: FidNetwork,
    predictor: ColorPredictor,
    signal: AbortSignal,
  ): Promise<{ readonly colorized: number; readonly gray: number }> {
    const { set, indices } = this.prepared;
    if (indices.length < 2) {
      throw new TinctError(
        "invalid_argument",
        "FID compares sets of pictures and needs two photos or more: leave --inception out.",
      );
    }
    using features = new PictureFeatures(engine, set, extractor, range);
    this.#real ??= await features.of(indices, "real", signal);
    this.#gray ??= await features.of(indices, "gray", signal);
    const distance = (made: Features) => frechetDistance(engine.context, made, this.#real!);
    return {
      colorized: await distance(await features.of(indices, predictor, signal)),
      gray: await distance(this.#gray),
    };
  }

  async #prepare(size: number): Promise<EvaluationPhotos["prepared"]> {
    const { environment, signal } = this.#context;
    const set = await showPreparing(
      "Preparing photos",
      (onProgress) =>
        preparePhotos(this.#folder, {
          size,
          filter: this.#choice.filter,
          limits: this.#choice.limits,
          cacheFolder: preparedFolder(environment.cacheFolder),
          signal,
          onProgress,
          onLeftOut: console.error,
        }),
    );
    warnOfPhotos(set);
    const { limit, seed, splits } = this.#choice;
    const all = splits.reduce(
      (left, split) => {
        const keptOut = new Set(splitSet(set.ids, split).validation);
        return left.filter((index) => keptOut.has(index));
      },
      Uint32Array.from({ length: set.count }, (_, i) => i),
    );
    if (all.length === 0) {
      await set[Symbol.asyncDispose]();
      throw new TinctError(
        "invalid_argument",
        `None of the ${set.count} photos in ${this.#folder} was kept out of the training of every ` +
          "model: leave --kept-out out, or give other photos.",
      );
    }
    const indices = limit > 0 && limit < all.length
      ? shuffled(all, seed, 0).subarray(0, limit).sort()
      : all;
    return { set, indices };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#prepared?.set[Symbol.asyncDispose]();
  }
}
