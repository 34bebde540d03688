import type { OptionNaming } from "../config/option.ts";
import type { TrainingConfig } from "../config/training.ts";
import type { Split } from "../prepared/split_set.ts";
import { counted } from "../words.ts";

/** The options of a run that validations concern. */
type Wishes = Pick<
  TrainingConfig,
  "validateEvery" | "validationFraction" | "validationPhotos" | "earlyStop" | "lrSchedule"
>;

/**
 * What a person should know of photos that allow no validation: there is one alone, or all are
 * copies of one.
 *
 * @param nameOf what its reader calls an option.
 * @returns a sentence; undefined where there is validation, or none is wanted.
 */
export function noValidationSentence(
  { train, validation }: Split,
  config: Wishes,
  nameOf: OptionNaming,
): string | undefined {
  const { validateEvery, validationFraction, validationPhotos, earlyStop, lrSchedule } = config;
  const isWanted = validateEvery > 0 && validationFraction > 0 && validationPhotos > 0;
  if (!isWanted || validation.length > 0 || train.length === 0) return undefined;
  const why = train.length === 1
    ? "there is only one"
    : `all ${counted(train.length, "photo")} are copies of one`;
  const idle = [
    ...(earlyStop > 0 ? [nameOf("earlyStop")] : []),
    ...(lrSchedule === "plateau" ? [`${nameOf("lrSchedule")} plateau`] : []),
  ];
  const inVain = idle.length === 0
    ? ""
    : `, and ${idle.join(" and ")} ${idle.length === 1 ? "does" : "do"} nothing`;
  return `No photo can be kept out for validation, as ${why}: nothing is measured, no checkpoint is ` +
    `the best one${inVain}.`;
}
