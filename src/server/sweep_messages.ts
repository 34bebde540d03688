import { bestRun } from "../sweeps/halving.ts";
import { trialCount, trialValues } from "../sweeps/search.ts";
import {
  isSweepMetric,
  type Sweep,
  sweepMetrics,
  type SweepParameter,
  type SweepRun,
  type SweepSpec,
  type SweepValue,
} from "../jobs/sweep.ts";
import type { JsonObject } from "../jobs/json.ts";
import { memberOf } from "../protocol/one_of.ts";
import type { Sweep as SweepMessage } from "../protocol/generated/tinct/v1/sweep.ts";
import type { SweepParameter__Output } from "../protocol/generated/tinct/v1/sweep_parameter.ts";
import type { SweepSpec__Output } from "../protocol/generated/tinct/v1/sweep_spec.ts";
import type { SweepTrial } from "../protocol/generated/tinct/v1/sweep_trial.ts";
import type {
  SweepValue as SweepValueMessage,
  SweepValue__Output,
} from "../protocol/generated/tinct/v1/sweep_value.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { timestampOf } from "../protocol/times.ts";
import {
  configMessage,
  fieldName,
  givenOptions,
  optionName,
} from "../protocol/training_options.ts";
import type { Violations } from "../calls/fields.ts";

/** The factor of successive halving where none is given, as in its paper. */
const DEFAULT_FACTOR = 3;

/** Reads a spec; what has no reading at all is noted, what it says is checked by `sweepViolations`. */
export function specOf(message: SweepSpec__Output | null, violations: Violations): SweepSpec {
  const { halving } = message ?? {};
  const metric = message?.metric || "psnr_db";
  const known = isSweepMetric(metric);
  const names = Object.keys(sweepMetrics).join(", ");
  violations.check(known, "spec.metric", `must be one of ${names}, not ${JSON.stringify(metric)}`);
  const parameters = (message?.parameters ?? []).map((parameter, index) =>
    parameterOf(parameter, `spec.parameters[${index}]`, violations)
  );
  return {
    dataset: message?.dataset ?? "",
    // Numbers, words and switches.
    config: givenOptions(message?.config ?? null) as JsonObject,
    method: wordOf("SWEEP_METHOD_", message?.method ?? "") === "GRID" ? "grid" : "random",
    parameters,
    trials: message?.trials ?? 0,
    seed: message?.seed ?? 0,
    metric: known ? metric : "psnr_db",
    halving: halving
      ? {
        minSteps: halving.minSteps,
        maxSteps: halving.maxSteps,
        reductionFactor: halving.reductionFactor || DEFAULT_FACTOR,
      }
      : null,
    maxConcurrentJobs: message?.maxConcurrentJobs ?? 0,
  };
}

/** The message of a sweep, with all its trials. */
export function sweepMessage(sweep: Sweep): SweepMessage {
  const { spec, runs } = sweep;
  const byTrial = Map.groupBy(runs, ({ trial }) => trial);
  const trials = Array.from(
    { length: trialCount(spec) },
    (_, trial) => trialMessage(sweep, trial, byTrial.get(trial) ?? []),
  );
  return { ...sweepSummary(sweep), trials };
}

/** The message of a sweep without its trials, as lists have it. */
export function sweepSummary(sweep: Sweep): SweepMessage {
  const { id, displayName, spec, state, message, runs, createdAtMs, finishedAtMs } = sweep;
  const best = bestRun(spec, runs);
  return {
    sweepId: id,
    displayName,
    spec: specMessage(spec),
    state: `SWEEP_STATE_${state}`,
    message,
    trials: [],
    ...(best && { bestTrial: best.trial }),
    createTime: timestampOf(createdAtMs),
    endTime: finishedAtMs === undefined ? null : timestampOf(finishedAtMs),
  };
}

/** One that has no reading keeps its place, so that the others are called by their own. */
function parameterOf(
  message: SweepParameter__Output,
  field: string,
  violations: Violations,
): SweepParameter {
  const option = optionName(message.option);
  const domain = memberOf(message, "domain");
  if (domain?.kind === "range") return { option, range: domain.value };
  violations.check(domain !== undefined, field, "needs values or range");
  const values = (domain?.value.values ?? []).map((value) => valueOf(value));
  if (values.every((value) => value !== undefined)) return { option, values };
  violations.check(false, field, "has an empty value");
  return { option, values: [] };
}

function valueOf(message: SweepValue__Output): SweepValue | undefined {
  return memberOf(message, "value")?.value;
}

function specMessage(spec: SweepSpec): NonNullable<SweepMessage["spec"]> {
  return {
    dataset: spec.dataset,
    // What `specOf` read out of a message.
    config: configMessage(spec.config as Record<string, string | number | boolean>),
    method: spec.method === "grid" ? "SWEEP_METHOD_GRID" : "SWEEP_METHOD_RANDOM",
    parameters: spec.parameters.map((parameter) => ({
      option: fieldName(parameter.option),
      ...("values" in parameter
        ? { values: { values: parameter.values.map(valueMessage) } }
        : { range: parameter.range }),
    })),
    trials: spec.trials,
    seed: spec.seed,
    metric: spec.metric,
    halving: spec.halving,
    maxConcurrentJobs: spec.maxConcurrentJobs,
  };
}

function trialMessage(
  { spec, state }: Sweep,
  trial: number,
  runs: readonly SweepRun[],
): SweepTrial {
  const newest = runs.at(-1);
  const measured = runs.findLast(({ outcome }) => outcome === "measured");
  const values = Object.entries(trialValues(spec, trial));
  return {
    trial,
    values: Object.fromEntries(
      values.map(([option, value]) => [fieldName(option), valueMessage(value)]),
    ),
    state: newest === undefined
      ? state === "RUNNING" ? "SWEEP_TRIAL_STATE_WAITING" : "SWEEP_TRIAL_STATE_CANCELLED"
      : newest.outcome === undefined
      ? "SWEEP_TRIAL_STATE_RUNNING"
      : `SWEEP_TRIAL_STATE_${newest.outcome.toUpperCase() as Uppercase<typeof newest.outcome>}`,
    rung: newest?.rung ?? 0,
    ...(measured?.value !== undefined && { metricValue: measured.value }),
    step: measured?.step ?? 0,
    jobIds: runs.map(({ jobId }) => jobId),
  };
}

function valueMessage(value: SweepValue): SweepValueMessage {
  if (typeof value === "number") return { number: value };
  return typeof value === "boolean" ? { flag: value } : { word: value };
}
