import type { Validation as ValidationMessage } from "../protocol/generated/tinct/v1/validation.ts";
import type { HintedValidation } from "../protocol/generated/tinct/v1/hinted_validation.ts";
import type { HintedMeasures, Validation } from "../validation/measures.ts";
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
