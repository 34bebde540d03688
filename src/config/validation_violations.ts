import type { FieldViolation } from "../errors.ts";

/** What decides whether and when there are validations. */
interface ValidationOptions {
  readonly earlyStop: number;
  readonly validateEvery: number;
  readonly validationFraction: number;
  readonly validationPhotos: number;
}

/** What contradicts stopping by validations. */
export function validationViolations(options: ValidationOptions): FieldViolation[] {
  if (options.earlyStop === 0) return [];
  const needed = ["validateEvery", "validationFraction", "validationPhotos"] as const;
  return needed.filter((field) => options[field] === 0).map((field) => ({
    field,
    description: "must not be 0 with earlyStop, which goes by the validations",
  }));
}
