import { readdirSync, readFileSync } from "node:fs";

/** The queries that every driver takes as they stand. */
const shared = new URL("./queries/", import.meta.url);

/** The queries of a driver, the shared ones among them, so that a mistyped name does not compile. */
const queryNames = [
  "insert_job",
  "select_job",
  "lock_job",
  "select_job_by_request",
  "select_jobs",
  "count_queued",
  "select_next_queued",
  "select_slot_holder",
  "lock_lapsed",
  "select_held_jobs",
  "update_job_state",
  "update_last_sequence",
  "select_heir",
  "mark_job_deleted",
  "select_deleted_job",
  "delete_job",
  "insert_event",
  "select_events",
  "select_newest_event",
  "select_newest_validation",
  "delete_first_events",
  "upsert_checkpoint",
  "select_checkpoints",
  "delete_checkpoints",
  "next_model_version",
  "insert_model",
  "select_model",
  "select_models_at",
  "select_models",
  "delete_models",
  "insert_dataset",
  "count_datasets",
  "finish_dataset",
  "select_dataset",
  "select_datasets",
  "delete_dataset",
  "insert_sweep",
  "select_sweep",
  "select_sweep_by_request",
  "select_sweeps",
  "select_unfinished_sweeps",
  "end_sweep",
  "delete_sweep",
  "insert_sweep_run",
  "end_sweep_run",
  "select_sweep_runs",
  "select_value",
  "upsert_value",
  "delete_value",
  "hold_lease",
  "release_lease",
  "end_leases",
  "select_leases",
] as const;

/** One of `queryNames`. */
export type QueryName = typeof queryNames[number];

/**
 * Reads a driver's queries: those that are the same for every driver, and its own. In their files each
 * stands under a line `-- name: its_name`.
 *
 * @param folder of the driver's own files.
 * @throws {Error} when the files and `queryNames` do not agree.
 */
export function readQueries(folder: URL): ReadonlyMap<QueryName, string> {
  const found = new Map<string, string>();
  const files = [shared, folder].flatMap((each) => {
    const names = readdirSync(each).filter((name) => name.endsWith(".sql"));
    return names.map((name) => new URL(name, each));
  });
  for (const file of files) {
    const text = readFileSync(file, "utf8");
    for (const section of text.split(/^-- name: /m).slice(1)) {
      const lineEnd = section.indexOf("\n");
      const name = section.slice(0, lineEnd).trim();
      if (found.has(name)) throw new Error(`Two queries are named ${name}.`);
      found.set(name, section.slice(lineEnd + 1).trim());
    }
  }
  const queries = new Map<QueryName, string>();
  for (const name of queryNames) {
    const sql = found.get(name);
    if (sql === undefined) throw new Error(`No query is named ${name}.`);
    queries.set(name, sql);
    found.delete(name);
  }
  if (found.size > 0) throw new Error(`Nothing uses the queries ${[...found.keys()].join(", ")}.`);
  return queries;
}
