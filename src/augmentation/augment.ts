import tf from "@tensorflow/tfjs";
import type { Tensor, Tensor4D } from "@tensorflow/tfjs";
import { labOfBytes, type ScaledLab, scaleLab } from "../color/lab.ts";
import type { TrainingConfig } from "../config/training.ts";
import { jitterColours } from "./colour_jitter.ts";
import { agePhotos } from "./old_photo.ts";
import { PhotoDraws } from "./photo_draws.ts";
import { seeThroughWindow } from "./photo_window.ts";
import { seenByFilm } from "./spectral_film.ts";

/** What of a run's configuration decides how photos are changed. */
export type AugmentationConfig = Pick<
  TrainingConfig,
  | "flip"
  | "crop"
  | "rotate"
  | "saturationJitter"
  | "whiteBalanceJitter"
  | "blur"
  | "grain"
  | "cutout"
  | "spectralFilm"
>;

/** A batch as training sees it. */
interface AugmentedBatch extends ScaledLab {
  /**
   * The lightness that generator and discriminator see, by another film, with blur, grain and holes: [B, S, S, 1] in
   * [-1, 1]. The discriminator judges colours beside the same L as the generator had: beside a
   * sharper one it would know generated colours by what the generator could not have known, and what
   * people look at in the end is an old photo's own lightness with the colours on it.
   */
  readonly L: Tensor4D;
  /** The colours to predict, over 110: [B, S, S, 2]. What wears L leaves them as they were. */
  readonly ab: Tensor4D;
  /** The photo's own L, before any of that; the same tensor where there is none. */
  readonly cleanL: Tensor4D;
}

/**
 * Bytes to scaled L*a*b*, with the photos changed as `config` has it, each in its own way. All of it
 * traces; every draw follows from the seed, the step and the photo's place in the batch. An option
 * that is off adds nothing to the graph.
 *
 * @param pixels sRGB, uint8, [B, S, S, 3].
 * @param seed [2] int32: the run's seed and the step.
 */
export function augment(pixels: Tensor, seed: Tensor, config: AugmentationConfig): AugmentedBatch {
  const draws = new PhotoDraws(pixels.shape[0] ?? 0, seed);
  const { own: { L: cleanL, ab }, seenL } = scaledPhotos(pixels, draws, config);
  const jitters = config.saturationJitter > 0 || config.whiteBalanceJitter > 0;
  return {
    L: agePhotos(seenL, draws, config),
    ab: jitters ? jitterColours({ L: cleanL, ab }, draws, config) : ab,
    cleanL,
  };
}

/** The photos as they are, scaled, and the L that their film makes of them. */
function scaledPhotos(
  pixels: Tensor,
  draws: PhotoDraws,
  config: AugmentationConfig,
): { readonly own: ScaledLab; readonly seenL: Tensor4D } {
  const lab = labOfBytes(pixels);
  if (config.spectralFilm === 0) {
    const own = scaleLab(reframe(lab, draws, config));
    return { own, seenL: own.L };
  }
  const [L, ab] = tf.split(lab, [1, 2], 3) as [Tensor, Tensor];
  const seen = seenByFilm({ pixels, L }, draws, config.spectralFilm);
  // One resampling for all four planes: what the film saw lies where the colours lie.
  const planes = reframe(tf.concat([L, ab, seen], 3), draws, config);
  const [own, film] = tf.split(planes, [3, 1], 3) as [Tensor, Tensor4D];
  return { own: scaleLab(own), seenL: tf.sub(tf.div(film, 50), 1) };
}

/** Mirrors, crops and turns. Mirroring alone moves whole pixels, which are copied as they are. */
function reframe(lab: Tensor, draws: PhotoDraws, config: AugmentationConfig): Tensor {
  if (config.crop < 1 || config.rotate > 0) return seeThroughWindow(lab, draws, config);
  return config.flip ? tf.where(draws.mirrored(), tf.reverse(lab, [2]), lab) : lab;
}
