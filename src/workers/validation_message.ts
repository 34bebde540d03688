import type { Validation as ValidationMessage } from "../protocol/generated/tinct/v1/validation.ts";
import type { HintedValidation } from "../protocol/generated/tinct/v1/hinted_validation.ts";
import type { SheetLayout } from "../protocol/generated/tinct/v1/sheet_layout.ts";
import type { SheetPlaces } from "../training/events.ts";
import type { HintedMeasures, PhotoJudgement, Validation } from "../validation/measures.ts";
import { finiteFields } from "./finite_fields.ts";

/** Measures as the protos have them; what could not be measured is absent. */
export function validationMessage(step: number, measured: Validation): ValidationMessage {
  const { photos, l1, ssim, abError, deltaE2000, colorfulness, colorfulnessRatio } = measured;
  return finiteFields({
    step,
    photos,
    l1,
    abError,
    psnrDb: measured.psnr,
    grayPsnrDb: measured.psnrGray,
    ssim,
    deltaE2000,
    colorfulness,
    colorfulnessRatio,
    vividDeltaE2000: measured.vividDeltaE2000,
    realColorfulness: measured.realColorfulness,
    grayL1: measured.l1Gray,
    grayAbError: measured.abErrorGray,
    graySsim: measured.ssimGray,
    grayDeltaE2000: measured.deltaE2000Gray,
  });
}

/** The same of measures with hints. */
export function hintedMessage({ psnr, ...measures }: HintedMeasures): HintedValidation {
  return finiteFields({ ...measures, psnrDb: psnr });
}

/** Where the pictures of a probe sheet are, and what each photo became. */
export function layoutMessage(
  { tile, pitch, places }: SheetPlaces,
  judgements: readonly PhotoJudgement[],
): SheetLayout {
  return {
    size: tile,
    pitch,
    columns: [
      "SHEET_COLUMN_LIGHTNESS",
      "SHEET_COLUMN_COLORIZED",
      "SHEET_COLUMN_REAL",
      "SHEET_COLUMN_CHROMA",
      "SHEET_COLUMN_DIFFERENCE",
    ],
    photos: judgements.map(({ colorized, gray, realColorfulness }, index) =>
      finiteFields({
        ...places[index],
        psnrDb: colorized.psnr,
        grayPsnrDb: gray.psnr,
        deltaE2000: colorized.deltaE2000,
        grayDeltaE2000: gray.deltaE2000,
        colorfulnessRatio: colorized.colorfulness / realColorfulness,
      })
    ),
  };
}
