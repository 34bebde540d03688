import assert from "assert";
import { readFile } from "node:fs/promises";
import {
  findTransition,
  grantedWishes,
  holdsSlot,
  isTerminal,
  jobStates,
  jobTransitions,
  type JobTrigger,
} from "../../src/jobs/job_state.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const documentation = new URL("../../docs/job_states.md", import.meta.url);

Deno.test("docs/job_states.md has the table of transitions that the code has", async () => {
  const rows = (await readFile(documentation, "utf8")).split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").slice(1, 5).map((cell) => cell.trim()))
    .slice(2); // heading and rule
  const expected = jobTransitions.map(({ from, trigger, by, to }) => [from, trigger, by, to]);
  assert.deepEqual(rows.toSorted(), expected.toSorted());
});

Deno.test("docs/job_states.md draws every transition and no other", async () => {
  const drawn = (await readFile(documentation, "utf8"))
    .matchAll(/^ +(\S+) --> (\S+?)(?:: (\S+))?$/gm)
    .map(([, from, to, trigger]) => `${from} ${to} ${trigger ?? "ends"}`).toArray();
  const ends = jobStates.filter(isTerminal).map((state) => `${state} [*] ends`);
  const arrows = jobTransitions.map(({ from, to, trigger }) => {
    return `${from === "(new)" ? "[*]" : from} ${to} ${trigger}`;
  });
  assert.deepEqual(drawn.toSorted(), [...arrows, ...ends].toSorted());
});

Deno.test("docs/job_states.md describes every state", async () => {
  const text = await readFile(documentation, "utf8");
  const section = text.slice(text.indexOf("## Each state"), text.indexOf("## Each transition"));
  const described = section.matchAll(/\*\*([A-Z]+)\*\*/g).map(([, state]) => state).toArray();
  assert.deepEqual(described, [...jobStates]);
});

Deno.test("a state and a trigger lead to one state at most", () => {
  const keys = jobTransitions.map(({ from, trigger }) => `${from} ${trigger}`);
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("no transition leads out of a terminal state, and every other has a way to one", () => {
  for (const state of jobStates) {
    const reached = new Set([state]);
    for (const each of reached) {
      for (const { from, to } of jobTransitions) if (from === each) reached.add(to);
    }
    if (isTerminal(state)) assert.deepEqual([...reached], [state]);
    else assert.ok(reached.has("CANCELLED"));
  }
});

Deno.test("whatever holds a slot survives the loss of its worker and of its server", () => {
  for (const trigger of ["worker_lost", "server_stopped"] as const) {
    const sources = jobTransitions.filter((each) => each.trigger === trigger);
    assert.deepEqual(sources.map(({ from }) => from), jobStates.filter(holdsSlot));
    assert.ok(sources.every(({ to }) => to !== "FAILED"));
  }
});

Deno.test("a wish is granted already in states that the wish led to", () => {
  for (const [wish, states] of Object.entries(grantedWishes)) {
    const goals = jobTransitions.filter(({ trigger }) => trigger === wish).map(({ to }) => to);
    for (const state of states) {
      const onTheWay = goals.includes(state) ||
        jobTransitions.some(({ from, to }) => to === state && goals.some((goal) => goal === from));
      assert.ok(onTheWay, `${wish} in ${state}`);
      assert.ok(!jobTransitions.some(({ from, trigger }) => from === state && trigger === wish));
    }
  }
});

const refusals: readonly (readonly [JobTrigger, typeof jobStates[number], string])[] = [
  [
    "pause_requested",
    "SUCCEEDED",
    "Job j is SUCCEEDED and cannot be paused; only a QUEUED or RUNNING job can. It has ended: it " +
    "can be deleted, or a new job can start from its checkpoints.",
  ],
  [
    "resume_requested",
    "PAUSING",
    "Job j is PAUSING and cannot be resumed; only a PAUSED job can. Wait until it is PAUSED, or " +
    "cancel it.",
  ],
  [
    "cancel_requested",
    "FAILED",
    "Job j is FAILED and cannot be cancelled; only a QUEUED, RUNNING, PAUSING or PAUSED job can. " +
    "It has ended: it can be deleted, or a new job can start from its checkpoints.",
  ],
  [
    "pause_requested",
    "CANCELLING",
    "Job j is CANCELLING and cannot be paused; only a QUEUED or RUNNING job can. Wait until it is " +
    "CANCELLED.",
  ],
];

for (const [trigger, state, message] of refusals) {
  Deno.test(`${trigger} in ${state} is refused with the state, the wish and the way out`, () => {
    assert.throws(() => findTransition("j", state, trigger), (error) => {
      failsWith("failed_precondition")(error);
      assert.ok(error instanceof Error);
      assert.equal(error.message, message);
      return true;
    });
  });
}
