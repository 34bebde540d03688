import type { FieldViolation } from "../errors.ts";

/** What decides how learning rates change. */
interface RateOptions {
  readonly lrSchedule: string;
  readonly lrDecayEpoch: number;
  readonly epochs: number;
  readonly validateEvery: number;
  readonly validationFraction: number;
  readonly validationPhotos: number;
}

/** What contradicts the schedule of the learning rates. */
export function rateViolations(options: RateOptions): FieldViolation[] {
  const { lrSchedule, lrDecayEpoch, epochs } = options;
  if (lrSchedule === "linear" && lrDecayEpoch >= epochs) {
    return [{
      field: "lrDecayEpoch",
      description: `must be below epochs (${epochs}) with lrSchedule linear, or the rates never ` +
        `fall, not ${lrDecayEpoch}`,
    }];
  }
  if (lrSchedule !== "plateau") return [];
  const needed = ["validateEvery", "validationFraction", "validationPhotos"] as const;
  return needed.filter((field) => options[field] === 0).map((field) => ({
    field,
    description: "must not be 0 with lrSchedule plateau, which goes by the validations",
  }));
}
