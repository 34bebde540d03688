import { encodeJson, type JsonObject } from "../../jobs/json.ts";
import { noSweep } from "../../jobs/rules/not_found.ts";
import type { Requested } from "../../jobs/rules/request.ts";
import {
  createSweep,
  deleteSweep,
  endSweep,
  requireRunning,
  type SweepFacts,
} from "../../jobs/rules/sweep.ts";
import type { SweepStore } from "../../jobs/store.ts";
import {
  type NewSweep,
  type Sweep,
  type SweepRun,
  sweepRunOutcomes,
  type SweepSpec,
  sweepStates,
} from "../../jobs/sweep.ts";
import { all, first, lock, one, type Operations, type Work } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, optionalNumber, type Row, text, word } from "./row.ts";

/** The sweeps. */
export const sweepOperations: Operations<SweepStore> = {
  *create({ nowMs }, newSweep) {
    yield* lock("sweeps");
    const { id, displayName, spec, request } = newSweep;
    const facts = {
      requested: yield* findRequested(newSweep),
      idTaken: (yield* first("select_sweep", { id })) !== undefined,
    };
    const known = createSweep(facts, newSweep);
    if (known) return { sweep: known, created: false };
    const row = yield* one("insert_sweep", {
      id,
      display_name: displayName,
      spec: encodeJson({ ...spec } as unknown as JsonObject), // plain data, to the last field
      request_id: request?.id ?? null,
      request_hash: request?.hash ?? null,
      now_ms: nowMs,
    });
    return { sweep: yield* decodeSweep(row), created: true };
  },

  *get(_context, sweepId) {
    return yield* decodeSweep(yield* requireSweep(sweepId));
  },

  *list(_context, page = {}) {
    const start = readPage("sweeps", page);
    const rows = yield* all("select_sweeps", {
      before_number: Number(start.after ?? Number.MAX_SAFE_INTEGER),
      limit: start.pageSize + 1,
    });
    const { entries, nextPageToken } = cutPage(
      "sweeps",
      start,
      rows,
      (row) => `${number(row, "number")}`,
    );
    return { sweeps: yield* decodeSweeps(entries), nextPageToken };
  },

  *unfinished() {
    return yield* decodeSweeps(yield* all("select_unfinished_sweeps"));
  },

  *addRun(_context, sweepId, { trial, rung, jobId }) {
    yield* lock("sweeps");
    const row = yield* requireSweep(sweepId);
    requireRunning(factsOf(row));
    yield* all("insert_sweep_run", {
      sweep: number(row, "number"),
      trial,
      rung,
      job_id: jobId,
    });
    return yield* decodeSweep(row);
  },

  *endRun(_context, sweepId, jobId, { outcome, value, step }) {
    const row = yield* requireSweep(sweepId);
    yield* all("end_sweep_run", {
      sweep: number(row, "number"),
      job_id: jobId,
      outcome: outcome ?? null,
      value: value ?? null,
      step: step ?? null,
    });
    return yield* decodeSweep(row);
  },

  *end({ nowMs }, sweepId, state, message = "") {
    yield* lock("sweeps");
    const row = yield* requireSweep(sweepId);
    if (!endSweep(factsOf(row), state)) return yield* decodeSweep(row);
    const ended = yield* one("end_sweep", { id: sweepId, state, message, now_ms: nowMs });
    return yield* decodeSweep(ended);
  },

  *delete(_context, sweepId) {
    yield* lock("sweeps");
    deleteSweep(factsOf(yield* requireSweep(sweepId)));
    yield* all("delete_sweep", { id: sweepId });
  },
};

function factsOf(row: Row): SweepFacts {
  return { id: text(row, "id"), state: word(row, "state", sweepStates) };
}

function* requireSweep(sweepId: string): Work<Row> {
  const row = yield* first("select_sweep", { id: sweepId });
  if (row) return row;
  throw noSweep(sweepId);
}

function* findRequested({ request }: NewSweep): Work<Requested<Sweep> | undefined> {
  const row = request && (yield* first("select_sweep_by_request", { request_id: request.id }));
  return row && { made: yield* decodeSweep(row), hash: text(row, "request_hash") };
}

function* decodeSweeps(rows: readonly Row[]): Work<Sweep[]> {
  const sweeps: Sweep[] = [];
  for (const row of rows) sweeps.push(yield* decodeSweep(row));
  return sweeps;
}

function* decodeSweep(row: Row): Work<Sweep> {
  const runs = yield* all("select_sweep_runs", { sweep: number(row, "number") });
  return {
    id: text(row, "id"),
    displayName: text(row, "display_name"),
    // What `create` wrote.
    spec: jsonObject(row, "spec") as unknown as SweepSpec,
    state: word(row, "state", sweepStates),
    message: text(row, "message"),
    runs: runs.map(decodeRun),
    createdAtMs: number(row, "created_at_ms"),
    finishedAtMs: optionalNumber(row, "finished_at_ms"),
  };
}

function decodeRun(row: Row): SweepRun {
  return {
    trial: number(row, "trial"),
    rung: number(row, "rung"),
    jobId: text(row, "job_id"),
    outcome: row["outcome"] === null ? undefined : word(row, "outcome", sweepRunOutcomes),
    value: optionalNumber(row, "value"),
    step: optionalNumber(row, "step"),
  };
}
