import type { LeaseStore } from "../../jobs/store.ts";
import { all, first, type OperationContext, type Operations, type Work } from "./operation.ts";
import { jobStates } from "../../jobs/job_state.ts";
import { number, text, word } from "./row.ts";

/** The leases. */
export const leaseOperations: Operations<LeaseStore> = {
  *hold(context, name, durationMs) {
    return yield* hold(context, name, durationMs);
  },

  *release({ owner, leaseNowMs }, name) {
    yield* all("release_lease", { name, holder: owner, now_ms: leaseNowMs });
  },

  *endAll({ leaseNowMs }, holders) {
    for (const holder of holders) yield* all("end_leases", { holder, now_ms: leaseNowMs });
  },

  *held({ leaseNowMs }, prefix) {
    const rows = yield* all("select_leases", { prefix, now_ms: leaseNowMs });
    return rows.map((row) => ({ name: text(row, "name"), holder: text(row, "holder") }));
  },

  *renewOwn(context, durationMs) {
    yield* hold(context, `server/${context.owner}`, durationMs);
    const rows = yield* all("select_held_jobs", { owner: context.owner });
    return rows.map((row) => ({
      jobId: text(row, "id"),
      state: word(row, "state", jobStates),
      attempt: number(row, "attempt"),
      epoch: number(row, "epoch"),
    }));
  },
};

function* hold(
  { owner, leaseNowMs }: OperationContext,
  name: string,
  durationMs: number,
): Work<number | undefined> {
  const row = yield* first("hold_lease", {
    name,
    holder: owner,
    duration_ms: durationMs,
    now_ms: leaseNowMs,
  });
  return row && number(row, "epoch");
}
