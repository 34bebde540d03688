import { TinctError } from "../../errors.ts";
import { countedWith } from "../../words.ts";
import type { Dataset, DatasetLimits } from "../dataset.ts";
import { encodeJson } from "../json.ts";
import { requireName } from "../names.ts";
import type { DatasetStore } from "../store.ts";
import type { Database } from "./database.ts";
import type { Operations } from "./operations.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, type Row, text, word } from "./row.ts";

/** The uploaded datasets in SQLite. */
export const datasetOperations: Operations<DatasetStore> = {
  begin({ database, nowMs }, name, { client = "", limits } = {}) {
    requireName("dataset", name);
    const known = database.get("select_dataset", { name });
    const dataset = known && decodeDataset(known);
    if (dataset?.state === "READY") {
      throw new TinctError(
        "already_exists",
        `The dataset ${name} is complete; upload under another name, or delete it first.`,
      );
    }
    if (dataset) return dataset;
    if (limits) requirePlace(database, client, limits);
    return decodeDataset(database.one("insert_dataset", { name, client, now_ms: nowMs }));
  },

  finish({ database, nowMs }, name, counts, report) {
    const row = database.get("finish_dataset", {
      name,
      photo_count: counts.photoCount,
      size_bytes: counts.sizeBytes,
      gray_count: counts.grayCount,
      broken_count: counts.brokenCount,
      report: encodeJson(report),
      now_ms: nowMs,
    });
    if (row) return decodeDataset(row);
    const { state } = requireDataset(database, name);
    throw new TinctError(
      "failed_precondition",
      `The dataset ${name} is ${state} and cannot be completed again.`,
    );
  },

  get({ database }, name) {
    return requireDataset(database, name);
  },

  list({ database }, page = {}) {
    const start = readPage("datasets", page);
    const rows = database.all("select_datasets", {
      after_name: start.after ?? "",
      limit: start.pageSize + 1,
    });
    const datasets = rows.map(decodeDataset);
    const { entries, nextPageToken } = cutPage("datasets", start, datasets, ({ name }) => name);
    return { datasets: entries, nextPageToken };
  },

  delete({ database }, name) {
    requireDataset(database, name);
    database.run("delete_dataset", { name });
  },
};

function requirePlace(database: Database, client: string, limits: DatasetLimits): void {
  const counts = database.one("count_datasets", { client });
  const refuse = (what: string, most: number, wayOut: string) => {
    const sentence = `${what}, and there may be ${most}: ${wayOut}.`;
    // No time alone makes room.
    const details = { kind: "TOO_MANY_DATASETS", retryDelayMs: Infinity };
    throw new TinctError("resource_exhausted", sentence, details);
  };
  const [all, unfinished, own] = ["datasets", "unfinished", "unfinished_of_client"]
    .map((name) => number(counts, name)) as [number, number, number];
  const end = "finish or delete some that are UPLOADING";
  if (own >= limits.unfinishedPerClient) {
    const are = countedWith(own, "dataset", ["is", "are"]);
    refuse(`${are} unfinished that you began`, limits.unfinishedPerClient, end);
  }
  if (unfinished >= limits.unfinished) {
    const are = countedWith(unfinished, "dataset", ["is", "are"]);
    refuse(`${are} unfinished, of all clients together`, limits.unfinished, end);
  }
  if (all >= limits.all) {
    const are = countedWith(all, "uploaded dataset", ["is", "are"]);
    refuse(`${are} there`, limits.all, "delete some that are no longer needed");
  }
}

function requireDataset(database: Database, name: string): Dataset {
  const row = database.get("select_dataset", { name });
  if (row) return decodeDataset(row);
  throw new TinctError("not_found", `There is no dataset ${name}; upload it.`);
}

function decodeDataset(row: Row): Dataset {
  return {
    name: text(row, "name"),
    state: word(row, "state", ["UPLOADING", "READY"]),
    photoCount: number(row, "photo_count"),
    sizeBytes: number(row, "size_bytes"),
    grayCount: number(row, "gray_count"),
    brokenCount: number(row, "broken_count"),
    report: row["report"] === null ? undefined : jsonObject(row, "report"),
    createdAtMs: number(row, "created_at_ms"),
    updatedAtMs: number(row, "updated_at_ms"),
  };
}
