import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { rgbOfLab, unscaleLab } from "../color/lab.ts";
import type { Engine } from "../engine/engine.ts";
import { floatToBytes } from "../engine/kernels/bytes.ts";
import { augment, type AugmentationConfig } from "./augment.ts";

/** Nothing on. */
export const plainAugmentation: AugmentationConfig = {
  flip: false,
  crop: 1,
  rotate: 0,
  saturationJitter: 0,
  whiteBalanceJitter: 0,
  blur: 0,
  grain: 0,
  cutout: 0,
  spectralFilm: 0,
};

/** A photo as training would see it once, sRGB bytes [S, S, 3] each. */
interface AugmentedPhoto {
  /** The colours to predict, on the lightness before blur, grain and holes. */
  readonly target: Uint8Array;
  /** The lightness that generator and discriminator see, as gray. */
  readonly seen: Uint8Array;
}

/**
 * Changes a photo `count` times, as training would change the photos of one batch.
 *
 * @param photo sRGB bytes, [size, size, 3].
 * @param options `seed` and `step`: others give other draws.
 */
export async function previewAugmentation(
  engine: Engine,
  photo: Uint8Array,
  config: AugmentationConfig,
  { size, count, seed, step = 1 }: {
    readonly size: number;
    readonly count: number;
    readonly seed: number;
    readonly step?: number;
  },
): Promise<AugmentedPhoto[]> {
  const batch = new Uint8Array(count * photo.length);
  for (let i = 0; i < count; i++) batch.set(photo, i * photo.length);
  const pixels = engine.uint8Tensor(batch, [count, size, size, 3]);
  const [target, seen] = tf.tidy((): [Tensor, Tensor] => {
    const { L, ab, cleanL } = augment(pixels, tf.tensor1d([seed, step], "int32"), config);
    const bytesOf = (L: Tensor, ab: Tensor) => floatToBytes(rgbOfLab(unscaleLab({ L, ab })));
    return [bytesOf(cleanL, ab), bytesOf(L, tf.zerosLike(ab))];
  });
  try {
    const [targets, lightness] = [await engine.readBytes(target), await engine.readBytes(seen)];
    return Array.from({ length: count }, (_, i) => {
      const cut = (all: Uint8Array) => all.slice(i * photo.length, (i + 1) * photo.length);
      return { target: cut(targets), seen: cut(lightness) };
    });
  } finally {
    tf.dispose([pixels, target, seen]);
  }
}
