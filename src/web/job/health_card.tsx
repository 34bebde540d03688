import type { JobLive } from "../../web_parts/live/job_live.ts";
import { Card } from "../../web_parts/parts/controls.tsx";
import { num, stateWord, whole } from "../../web_parts/words.ts";

/** Something that a person should know of a job's course. */
export interface HealthEvent {
  readonly sequence: number;
  readonly step: number;
  readonly kind: "warning" | "error" | "resumed";
  readonly text: string;
}

/** Warnings and errors of the log, and changes of state that interrupted a job; the newest first. */
export function eventsOf(live: JobLive): HealthEvent[] {
  const steps = [...live.validations, ...live.checkpoints, ...live.states];
  const stepAt = (sequence: number) =>
    Math.max(
      0,
      ...steps.filter((each) => each.sequence <= sequence && each.step !== undefined)
        .map(({ step }) => num(step)),
    );
  const logged = live.log.filter(({ level }) => /WARNING|ERROR/.test(level ?? ""))
    .map(({ sequence, level, message = "", fields }): HealthEvent => ({
      sequence,
      step: Number(fields?.["step"] ?? /\bstep (\d+)/i.exec(message)?.[1] ?? stepAt(sequence)),
      kind: level === "LOG_LEVEL_ERROR" ? "error" : "warning",
      text: message,
    }));
  const interrupted = live.states.filter(({ trigger = "" }) =>
    /WORKER_LOST|SERVER_STOPPED|RESUME_REQUESTED|HEALTH_PAUSED/.test(trigger)
  ).map(({ sequence, step, to = "", message, trigger = "", signal }): HealthEvent => ({
    sequence,
    step: num(step) || stepAt(sequence),
    kind: "resumed",
    text: message ||
      `${trigger.replace("JOB_TRIGGER_", "").toLowerCase().replaceAll("_", " ")}${
        signal ? ` (${signal})` : ""
      }, ${stateWord(to)}`,
  }));
  return [...logged, ...interrupted].toSorted((a, b) => b.sequence - a.sequence);
}

/** What happened on the way. */
export function HealthCard({ live }: { live: JobLive }) {
  const events = eventsOf(live);
  const warnings = events.filter(({ kind }) => kind !== "resumed").length;
  return (
    <Card
      title="Health"
      aside={<span class="soft">{warnings === 0 ? "no warnings" : `${warnings} warnings`}</span>}
    >
      {events.length > 0 && (
        <ul class="health">
          {events.slice(0, 30).map(({ sequence, step, kind, text }) => (
            <li key={sequence} class={`health-${kind}`}>
              <span class="health-mark" aria-hidden="true">
                {kind === "resumed" ? "○" : kind === "error" ? "◆" : "▲"}
              </span>
              <span>{text}</span>
              <span class="soft">step {whole(step)}</span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
