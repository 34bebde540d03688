import type { Dataset } from "../dataset.ts";
import { encodeJson } from "../json.ts";
import { noDataset } from "../rules/not_found.ts";
import { beginUpload, finishUpload } from "../rules/upload.ts";
import type { DatasetStore } from "../store.ts";
import type { Database } from "./database.ts";
import type { Operations } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, type Row, text, word } from "./row.ts";

/** The uploaded datasets in SQLite. */
export const datasetOperations: Operations<DatasetStore> = {
  begin({ database, nowMs }, name, { client = "", limits } = {}) {
    const row = database.get("select_dataset", { name });
    const known = row && decodeDataset(row);
    const counts = database.one("count_datasets", { client });
    const numbers = {
      all: number(counts, "datasets"),
      unfinished: number(counts, "unfinished"),
      unfinishedPerClient: number(counts, "unfinished_of_client"),
    };
    const begun = beginUpload({ known, numbers }, name, limits);
    if (begun) return begun;
    return decodeDataset(database.one("insert_dataset", { name, client, now_ms: nowMs }));
  },

  finish({ database, nowMs }, name, counts, report) {
    finishUpload(requireDataset(database, name));
    const row = database.one("finish_dataset", {
      name,
      photo_count: counts.photoCount,
      size_bytes: counts.sizeBytes,
      gray_count: counts.grayCount,
      broken_count: counts.brokenCount,
      report: encodeJson(report),
      now_ms: nowMs,
    });
    return decodeDataset(row);
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

function requireDataset(database: Database, name: string): Dataset {
  const row = database.get("select_dataset", { name });
  if (row) return decodeDataset(row);
  throw noDataset(name);
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
