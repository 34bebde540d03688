import { encodeJson } from "../json.ts";
import type { ValueStore } from "../store.ts";
import type { Operations } from "./operation.ts";
import { json } from "./row.ts";

/** The server's values in SQLite. */
export const valueOperations: Operations<ValueStore> = {
  get({ database }, key) {
    const row = database.get("select_value", { key });
    return row && json(row, "value");
  },

  set({ database, nowMs }, key, value) {
    if (value === undefined) database.run("delete_value", { key });
    else database.run("upsert_value", { key, value: encodeJson(value), now_ms: nowMs });
  },
};
