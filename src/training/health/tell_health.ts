import type { TrainingEvent } from "../events.ts";
import type { MetricsEntry } from "../../runs/metrics_log.ts";
import type { Finding } from "./finding.ts";
import type { HealthAction, Recovery } from "./health.ts";

/** What is done, as the end of a sentence. */
const doings: Readonly<Record<HealthAction, string>> = {
  warn: "training goes on",
  pause: "training pauses",
  rollback: "training goes back to the last good checkpoint, with lower learning rates",
  fail: "training ends",
};

/** The event of a finding. */
export function healthEvent(step: number, finding: Finding, action: HealthAction): TrainingEvent {
  const message = `Step ${step}: ${finding.what}; ${doings[action]}.`;
  return { kind: "health", step, finding, action, message };
}

/** Its line in metrics.jsonl. */
export function healthEntry(step: number, finding: Finding, action: HealthAction): MetricsEntry {
  const { check, what, numbers } = finding;
  return { step, kind: "health", check, action, what, ...numbers };
}

/**
 * The line of a rollback, at the step that the run went back to.
 *
 * @param foundAt the step of the finding.
 */
export function rollbackEntry(
  step: number,
  finding: Finding,
  foundAt: number,
  { rollbacks, rateFactor }: Recovery,
): MetricsEntry {
  return { ...healthEntry(step, finding, "rollback"), foundAt, rollbacks, rateFactor };
}
