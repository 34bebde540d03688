import type { Dataset } from "../../jobs/dataset.ts";
import { encodeJson } from "../../jobs/json.ts";
import { noDataset } from "../../jobs/rules/not_found.ts";
import { beginUpload, finishUpload } from "../../jobs/rules/upload.ts";
import type { DatasetStore } from "../../jobs/store.ts";
import { all, first, lock, one, type Operations, type Work } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, type Row, text, word } from "./row.ts";

/** The uploaded datasets. */
export const datasetOperations: Operations<DatasetStore> = {
  *begin({ nowMs }, name, { client = "", limits } = {}) {
    yield* lock("datasets");
    const row = yield* first("select_dataset", { name });
    const known = row && decodeDataset(row);
    const counts = yield* one("count_datasets", { client });
    const numbers = {
      all: number(counts, "datasets"),
      unfinished: number(counts, "unfinished"),
      unfinishedPerClient: number(counts, "unfinished_of_client"),
    };
    const begun = beginUpload({ known, numbers }, name, limits);
    if (begun) return begun;
    return decodeDataset(yield* one("insert_dataset", { name, client, now_ms: nowMs }));
  },

  *finish({ nowMs }, name, counts, report) {
    yield* lock("datasets");
    finishUpload(yield* requireDataset(name));
    const row = yield* one("finish_dataset", {
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

  *get(_context, name) {
    return yield* requireDataset(name);
  },

  *list(_context, page = {}) {
    const start = readPage("datasets", page);
    const rows = yield* all("select_datasets", {
      after_name: start.after ?? "",
      limit: start.pageSize + 1,
    });
    const datasets = rows.map(decodeDataset);
    const { entries, nextPageToken } = cutPage("datasets", start, datasets, ({ name }) => name);
    return { datasets: entries, nextPageToken };
  },

  *delete(_context, name) {
    yield* requireDataset(name);
    yield* all("delete_dataset", { name });
  },
};

function* requireDataset(name: string): Work<Dataset> {
  const row = yield* first("select_dataset", { name });
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
