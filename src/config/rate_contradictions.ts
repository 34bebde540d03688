import { contradictionsOf } from "./contradictions.ts";

/** What decides how learning rates change. */
interface RateOptions {
  readonly lrSchedule: string;
  readonly lrDecayEpoch: number;
  readonly epochs: number;
}

const contradiction = contradictionsOf<RateOptions>();

/** What contradicts the schedule of the learning rates. */
export const rateContradictions = [
  contradiction(
    ["lrSchedule", "lrDecayEpoch", "epochs"],
    ({ lrSchedule, lrDecayEpoch, epochs }, nameOf) => {
      if (lrSchedule !== "linear" || lrDecayEpoch < epochs) return undefined;
      return {
        field: "lrDecayEpoch",
        description: `must be below ${nameOf("epochs")} (${epochs}) with ${
          nameOf("lrSchedule")
        } linear, or the rates never fall, not ${lrDecayEpoch}`,
      };
    },
  ),
];
