import { TinctError } from "../../errors.ts";
import { encodeJson } from "../../jobs/json.ts";
import type { ModelVersion } from "../../jobs/model.ts";
import { noModel } from "../../jobs/rules/not_found.ts";
import { promotedBefore } from "../../jobs/rules/promote.ts";
import type { ModelStore } from "../../jobs/store.ts";
import { all, first, lock, one, type Operations } from "./operation.ts";
import { cutPage, readPage } from "./page_token.ts";
import { jsonObject, number, type Row, text } from "./row.ts";

/** The promoted models. */
export const modelOperations: Operations<ModelStore> = {
  *promote({ nowMs }, newModel) {
    const { name, jobId, step, path, sizeBytes, details } = newModel;
    yield* lock("models");
    const newest = yield* first("select_model", { name, version: null });
    const known = promotedBefore(newest && decodeModel(newest), newModel);
    if (known) return { model: known, created: false };
    const version = yield* one("next_model_version", { name });
    const row = yield* one("insert_model", {
      name,
      version: number(version, "last_version"),
      job_id: jobId,
      step,
      path,
      size_bytes: sizeBytes,
      details: encodeJson(details),
      now_ms: nowMs,
    });
    return { model: decodeModel(row), created: true };
  },

  *get(_context, name, version) {
    const row = yield* first("select_model", { name, version: version ?? null });
    if (row) return decodeModel(row);
    throw noModel(name, version);
  },

  *at(_context, path) {
    return (yield* all("select_models_at", { path })).map(decodeModel);
  },

  *list(_context, page = {}) {
    const start = readPage("models", page);
    const rows = yield* all("select_models", {
      after_name: start.after ?? "",
      limit: start.pageSize + 1,
    });
    const models = rows.map(decodeModel);
    const { entries, nextPageToken } = cutPage("models", start, models, ({ name }) => name);
    return { models: entries, nextPageToken };
  },

  *delete(_context, name) {
    yield* lock("models");
    const deleted = (yield* all("delete_models", { name })).map(decodeModel);
    if (deleted.length > 0) return deleted.sort((a, b) => a.version - b.version);
    throw new TinctError("not_found", `There is no model ${name}; see the list of models.`);
  },
};

function decodeModel(row: Row): ModelVersion {
  return {
    name: text(row, "name"),
    version: number(row, "version"),
    jobId: text(row, "job_id"),
    step: number(row, "step"),
    path: text(row, "path"),
    sizeBytes: number(row, "size_bytes"),
    details: jsonObject(row, "details"),
    createdAtMs: number(row, "created_at_ms"),
  };
}
