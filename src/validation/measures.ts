/** Measures of one colorized photo; see `measurePictures` for what each is taken of. */
export interface PhotoMeasures {
  /** Peak signal-to-noise ratio of the sRGB bytes, dB. */
  readonly psnr: number;
  /** Structural similarity of the sRGB bytes, at most 1. */
  readonly ssim: number;
  /** Mean CIEDE2000 difference of the sRGB bytes, from 0. */
  readonly deltaE2000: number;
  /** The mean distance of a pixel's ab from the real one, in units of L*a*b*. */
  readonly abError: number;
  /** The mean absolute difference of a and b, over 110 each: as in the loss, before its weight. */
  readonly l1: number;
  /** Colourfulness of the sRGB bytes (Hasler & Suesstrunk, 2003), from 0. */
  readonly colorfulness: number;
}

/** What a photo became, beside what doing nothing would give. */
export interface PhotoJudgement {
  readonly colorized: PhotoMeasures;
  /** Of the photo without any colour. */
  readonly gray: PhotoMeasures;
  /** Colourfulness of the photo itself. */
  readonly realColorfulness: number;
}

/** How well the generator does on photos that it is not trained on: means over photos. */
export interface Validation extends PhotoMeasures {
  /** The same of the photos without any colour: what there is to beat. */
  readonly psnrGray: number;
  readonly ssimGray: number;
  readonly deltaE2000Gray: number;
  readonly abErrorGray: number;
  readonly l1Gray: number;
  /** Mean colourfulness of the real photos. */
  readonly realColorfulness: number;
  /**
   * The mean colourfulness over that of the real photos: under 1 is too gray. NaN where the real ones
   * have none.
   */
  readonly colorfulnessRatio: number;
  /**
   * deltaE2000 times how many times too gray or too colourful the pictures are: `deltaE2000` times the
   * ratio or its inverse, the larger. Lower is better; unlike the others it does not reward gray, which
   * makes it infinite.
   */
  readonly vividDeltaE2000: number;
  /** How many photos it was measured on. */
  readonly photos: number;
}

/** What a generator that takes hints makes of photos with hints of their own colours: means. */
export interface HintedMeasures extends Pick<PhotoMeasures, "psnr" | "deltaE2000" | "abError"> {
  /** How many hints a photo had. */
  readonly hints: number;
  /** The mean distance of ab from the hints at their pixels, in units of L*a*b*. */
  readonly hintError: number;
}

/** The means of what photos became. @throws RangeError when there is none. */
export function summarize(judged: readonly PhotoJudgement[]): Validation {
  if (judged.length === 0) throw new RangeError("There is no photo to take means of.");
  const mean = (value: (photo: PhotoJudgement) => number) =>
    judged.reduce((sum, photo) => sum + value(photo), 0) / judged.length;
  const colorfulness = mean(({ colorized }) => colorized.colorfulness);
  const realColorfulness = mean((photo) => photo.realColorfulness);
  const deltaE2000 = mean(({ colorized }) => colorized.deltaE2000);
  const ratio = realColorfulness > 0 ? colorfulness / realColorfulness : NaN;
  return {
    psnr: mean(({ colorized }) => colorized.psnr),
    ssim: mean(({ colorized }) => colorized.ssim),
    deltaE2000,
    abError: mean(({ colorized }) => colorized.abError),
    l1: mean(({ colorized }) => colorized.l1),
    colorfulness,
    realColorfulness,
    colorfulnessRatio: ratio,
    vividDeltaE2000: deltaE2000 * Math.max(ratio, 1 / ratio),
    psnrGray: mean(({ gray }) => gray.psnr),
    ssimGray: mean(({ gray }) => gray.ssim),
    deltaE2000Gray: mean(({ gray }) => gray.deltaE2000),
    abErrorGray: mean(({ gray }) => gray.abError),
    l1Gray: mean(({ gray }) => gray.l1),
    photos: judged.length,
  };
}
