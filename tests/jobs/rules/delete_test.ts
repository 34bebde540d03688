import assert from "assert";
import { isTerminal, jobStates } from "../../../src/jobs/job_state.ts";
import { deleteJob } from "../../../src/jobs/rules/delete.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobOf } from "./small_facts.ts";

for (const state of jobStates) {
  Deno.test(`a job that is ${state} ${isTerminal(state) ? "can" : "cannot"} be deleted`, () => {
    const decide = () => deleteJob({ job: jobOf(state), heir: undefined });
    if (isTerminal(state)) {
      return assert.deepEqual(decide(), { jobId: "job-1", expectedState: state });
    }
    const refusal = failsWith("failed_precondition", new RegExp(`job-1 is ${state}.*cancel it`));
    assert.throws(decide, refusal);
  });
}

Deno.test("a job whose checkpoint another needs cannot be deleted", () => {
  const heir = jobOf("PAUSED", { id: "job-2" });
  assert.throws(
    () => deleteJob({ job: jobOf("SUCCEEDED"), heir }),
    failsWith("failed_precondition", /job-2 is PAUSED and starts from a checkpoint of job job-1/),
  );
});
