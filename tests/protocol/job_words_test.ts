import assert from "assert";
import { eventKinds } from "../../src/jobs/job_event.ts";
import { jobStates, jobTransitions } from "../../src/jobs/job_state.ts";
import { EventKind } from "../../src/protocol/generated/tinct/v1/event_kind.ts";
import { JobState } from "../../src/protocol/generated/tinct/v1/job_state.ts";
import { JobTrigger } from "../../src/protocol/generated/tinct/v1/job_trigger.ts";
import { wordOf } from "../../src/protocol/enum_words.ts";

/** The words of an enum, without the zero value. */
function wordsOf(prefix: string, values: Readonly<Record<string, string>>): (string | undefined)[] {
  return Object.keys(values).map((name) => wordOf(prefix, name)).filter((word) => word).sort();
}

Deno.test("the protos know every state, trigger and kind of event, and no others", () => {
  assert.deepEqual(wordsOf("JOB_STATE_", JobState), [...jobStates].sort());
  const triggers = new Set(jobTransitions.map(({ trigger }) => trigger.toUpperCase()));
  assert.deepEqual(wordsOf("JOB_TRIGGER_", JobTrigger), [...triggers].sort());
  assert.deepEqual(
    wordsOf("EVENT_KIND_", EventKind),
    eventKinds.map((kind) => kind.toUpperCase()).sort(),
  );
});
