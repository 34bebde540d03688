import { TinctError } from "../../errors.ts";
import { encodeJson, type JsonObject } from "../json.ts";
import type { SweepStore } from "../store.ts";
import {
  type NewSweep,
  type Sweep,
  type SweepRun,
  sweepRunOutcomes,
  type SweepSpec,
  sweepStates,
} from "../sweep.ts";
import type { Database } from "./database.ts";
import type { Operations } from "./operations.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, optionalNumber, type Row, text, word } from "./row.ts";

/** The sweeps in SQLite. */
export const sweepOperations: Operations<SweepStore> = {
  create({ database, nowMs }, newSweep) {
    const { id, displayName, spec, request } = newSweep;
    const known = findRequested(database, newSweep);
    if (known) return { sweep: known, created: false };
    if (database.get("select_sweep", { id })) {
      throw new TinctError("already_exists", `There is a sweep ${id} already; choose another id.`);
    }
    const row = database.one("insert_sweep", {
      id,
      display_name: displayName,
      spec: encodeJson({ ...spec } as unknown as JsonObject), // plain data, to the last field
      request_id: request?.id ?? null,
      request_hash: request?.hash ?? null,
      now_ms: nowMs,
    });
    return { sweep: decodeSweep(database, row), created: true };
  },

  get({ database }, sweepId) {
    return decodeSweep(database, requireSweep(database, sweepId));
  },

  list({ database }, page = {}) {
    const start = readPage("sweeps", page);
    const rows = database.all("select_sweeps", {
      before_number: Number(start.after ?? Number.MAX_SAFE_INTEGER),
      limit: start.pageSize + 1,
    });
    const { entries, nextPageToken } = cutPage(
      "sweeps",
      start,
      rows,
      (row) => `${number(row, "number")}`,
    );
    return { sweeps: entries.map((row) => decodeSweep(database, row)), nextPageToken };
  },

  addRun({ database }, sweepId, { trial, rung, jobId }) {
    const row = requireSweep(database, sweepId);
    const state = text(row, "state");
    if (state !== "RUNNING") throw over(sweepId, state, "begins no more runs");
    database.run("insert_sweep_run", {
      sweep: number(row, "number"),
      trial,
      rung,
      job_id: jobId,
    });
    return decodeSweep(database, row);
  },

  endRun({ database }, sweepId, jobId, { outcome, value, step }) {
    const row = requireSweep(database, sweepId);
    database.run("end_sweep_run", {
      sweep: number(row, "number"),
      job_id: jobId,
      outcome: outcome ?? null,
      value: value ?? null,
      step: step ?? null,
    });
    return decodeSweep(database, row);
  },

  end({ database, nowMs }, sweepId, state, message = "") {
    const row = requireSweep(database, sweepId);
    const before = text(row, "state");
    if (before === state) return decodeSweep(database, row);
    if (before !== "RUNNING") throw over(sweepId, before, `cannot become ${state}`);
    const ended = database.one("end_sweep", { id: sweepId, state, message, now_ms: nowMs });
    return decodeSweep(database, ended);
  },

  delete({ database }, sweepId) {
    const state = text(requireSweep(database, sweepId), "state");
    if (state === "RUNNING") {
      throw new TinctError(
        "failed_precondition",
        `Sweep ${sweepId} is RUNNING and cannot be deleted; cancel it first.`,
      );
    }
    database.run("delete_sweep", { id: sweepId });
  },
};

function over(sweepId: string, state: string, what: string): TinctError {
  return new TinctError("failed_precondition", `Sweep ${sweepId} is ${state} and ${what}.`);
}

function requireSweep(database: Database, sweepId: string): Row {
  const row = database.get("select_sweep", { id: sweepId });
  if (row) return row;
  throw new TinctError("not_found", `There is no sweep ${sweepId}; it may have been deleted.`);
}

function findRequested(database: Database, { request }: NewSweep): Sweep | undefined {
  if (!request) return undefined;
  const row = database.get("select_sweep_by_request", { request_id: request.id });
  if (!row) return undefined;
  if (row["request_hash"] === request.hash) return decodeSweep(database, row);
  throw new TinctError(
    "already_exists",
    `The request id ${JSON.stringify(request.id)} came before with another request, which became ` +
      `sweep ${text(row, "id")}; send a new request under a new id.`,
  );
}

function decodeSweep(database: Database, row: Row): Sweep {
  const runs = database.all("select_sweep_runs", { sweep: number(row, "number") });
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
