import type { FieldViolation } from "../errors.ts";

/** The options that the losses follow from; see `trainingOptions`. */
export interface LossOptions {
  readonly ganMode: "vanilla" | "lsgan" | "wgangp" | "hinge";
  readonly normD: "auto" | "batch" | "instance" | "none";
  readonly labelReal: number;
  readonly labelFake: number;
  readonly lambdaL1: number;
  readonly pretrainSteps: number;
}

/** The discriminator's normalization that an option `normD` comes to. */
export function discriminatorNorm(
  { normD, ganMode }: Pick<LossOptions, "normD" | "ganMode">,
): "batch" | "instance" | "none" {
  if (normD !== "auto") return normD;
  return ganMode === "wgangp" ? "instance" : "batch";
}

/** Which options about losses contradict each other. */
export function lossViolations(options: LossOptions): FieldViolation[] {
  const { ganMode, normD, labelReal, labelFake, lambdaL1, pretrainSteps } = options;
  const violations: FieldViolation[] = [];
  if (ganMode === "wgangp" && normD === "batch") {
    violations.push({
      field: "normD",
      description:
        "must be auto, instance or none with ganMode wgangp, not batch: its penalty is " +
        "on the slope at each picture, which batch norm makes depend on the others",
    });
  }
  if (ganMode === "wgangp" || ganMode === "hinge") {
    const ignored = { labelReal: [labelReal, 1], labelFake: [labelFake, 0] } as const;
    for (const [field, [value, neutral]] of Object.entries(ignored)) {
      if (value === neutral) continue;
      violations.push({
        field,
        description:
          `must be ${neutral} with ganMode ${ganMode}, not ${value}: it has no targets ` +
          "that could be smoothed; vanilla and lsgan have",
      });
    }
  }
  if (pretrainSteps > 0 && lambdaL1 === 0) {
    violations.push({
      field: "pretrainSteps",
      description:
        `must be 0 where lambdaL1 is 0, not ${pretrainSteps}: the generator would have ` +
        "nothing to learn from",
    });
  }
  return violations;
}
