import { encodeJson, type JsonObject } from "../json.ts";
import { noSweep } from "../rules/not_found.ts";
import type { Requested } from "../rules/request.ts";
import {
  createSweep,
  deleteSweep,
  endSweep,
  requireRunning,
  type SweepFacts,
} from "../rules/sweep.ts";
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
import type { Operations } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, optionalNumber, type Row, text, word } from "./row.ts";

/** The sweeps in SQLite. */
export const sweepOperations: Operations<SweepStore> = {
  create({ database, nowMs }, newSweep) {
    const { id, displayName, spec, request } = newSweep;
    const facts = {
      requested: findRequested(database, newSweep),
      idTaken: database.get("select_sweep", { id }) !== undefined,
    };
    const known = createSweep(facts, newSweep);
    if (known) return { sweep: known, created: false };
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
    requireRunning(factsOf(row));
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
    if (!endSweep(factsOf(row), state)) return decodeSweep(database, row);
    const ended = database.one("end_sweep", { id: sweepId, state, message, now_ms: nowMs });
    return decodeSweep(database, ended);
  },

  delete({ database }, sweepId) {
    deleteSweep(factsOf(requireSweep(database, sweepId)));
    database.run("delete_sweep", { id: sweepId });
  },
};

function factsOf(row: Row): SweepFacts {
  return { id: text(row, "id"), state: word(row, "state", sweepStates) };
}

function requireSweep(database: Database, sweepId: string): Row {
  const row = database.get("select_sweep", { id: sweepId });
  if (row) return row;
  throw noSweep(sweepId);
}

function findRequested(
  database: Database,
  { request }: NewSweep,
): Requested<Sweep> | undefined {
  const row = request && database.get("select_sweep_by_request", { request_id: request.id });
  return row && { made: decodeSweep(database, row), hash: text(row, "request_hash") };
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
