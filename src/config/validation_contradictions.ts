import { contradictionsOf } from "./contradictions.ts";

/** What decides whether and when there are validations, and what goes by them. */
interface ValidationOptions {
  readonly lrSchedule: string;
  readonly earlyStop: number;
  readonly validateEvery: number;
  readonly validationFraction: number;
  readonly validationPhotos: number;
}

const contradiction = contradictionsOf<ValidationOptions>();

/** The options that leave no validation when they are 0. */
const needed = ["validateEvery", "validationFraction", "validationPhotos"] as const;

/** What cannot be had without validations. */
export const validationContradictions = [
  ...needed.map((field) =>
    contradiction(["lrSchedule", field], (values, nameOf) => {
      if (values.lrSchedule !== "plateau" || values[field] !== 0) return undefined;
      const goesBy = `${nameOf("lrSchedule")} plateau`;
      return { field, description: `must not be 0 with ${goesBy}, which goes by the validations` };
    })
  ),
  ...needed.map((field) =>
    contradiction(["earlyStop", field], (values, nameOf) => {
      if (values.earlyStop === 0 || values[field] !== 0) return undefined;
      const goesBy = nameOf("earlyStop");
      return { field, description: `must not be 0 with ${goesBy}, which goes by the validations` };
    })
  ),
];
