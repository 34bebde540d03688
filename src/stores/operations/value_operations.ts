import { encodeJson } from "../../jobs/json.ts";
import type { ValueStore } from "../../jobs/store.ts";
import { all, first, type Operations } from "./operation.ts";
import { json } from "./row.ts";

/** The server's values. */
export const valueOperations: Operations<ValueStore> = {
  *get(_context, key) {
    const row = yield* first("select_value", { key });
    return row && json(row, "value");
  },

  *set({ nowMs }, key, value) {
    if (value === undefined) yield* all("delete_value", { key });
    else yield* all("upsert_value", { key, value: encodeJson(value), now_ms: nowMs });
  },
};
