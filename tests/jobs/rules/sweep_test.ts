import assert from "assert";
import {
  createSweep,
  deleteSweep,
  endSweep,
  requireRunning,
} from "../../../src/jobs/rules/sweep.ts";
import { type NewSweep, type Sweep, sweepStates } from "../../../src/jobs/sweep.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { smallSpec } from "../../sweeps/small_spec.ts";

for (const state of sweepStates) {
  Deno.test(`what may become of a sweep that is ${state}`, () => {
    const facts = { id: "s", state };
    const isOver = state !== "RUNNING";
    const refusal = failsWith("failed_precondition", new RegExp(`Sweep s is ${state}`));
    if (isOver) assert.throws(() => requireRunning(facts), refusal);
    else requireRunning(facts);
    if (isOver) deleteSweep(facts);
    else assert.throws(() => deleteSweep(facts), refusal);
    for (const wanted of ["SUCCEEDED", "CANCELLED", "FAILED"] as const) {
      if (isOver && wanted !== state) assert.throws(() => endSweep(facts, wanted), refusal);
      else assert.equal(endSweep(facts, wanted), wanted !== state);
    }
  });
}

Deno.test("a sweep is begun once for a request, and once under an id", () => {
  const wish: NewSweep = {
    id: "s",
    displayName: "",
    spec: smallSpec,
    request: { id: "r", hash: "h" },
  };
  const made: Sweep = {
    ...wish,
    id: "before",
    state: "RUNNING",
    message: "",
    runs: [],
    createdAtMs: 1,
    finishedAtMs: undefined,
  };
  assert.equal(createSweep({ requested: undefined, idTaken: false }, wish), undefined);
  assert.equal(createSweep({ requested: { made, hash: "h" }, idTaken: true }, wish), made);
  assert.throws(
    () => createSweep({ requested: { made, hash: "other" }, idTaken: false }, wish),
    failsWith("already_exists", /"r" was used for .* sweep before/),
  );
  assert.throws(
    () => createSweep({ requested: undefined, idTaken: true }, wish),
    failsWith("already_exists", /Sweep s exists already/),
  );
});
