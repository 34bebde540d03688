import type { Store } from "../../src/jobs/store.ts";
import { readConnectionString } from "../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../src/stores/postgres/open_store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import type { OpenOptions } from "./conformance/bench.ts";

/** Opens a store of a kind. */
export async function openAnyStore(
  kind: string,
  place: string,
  options: OpenOptions,
): Promise<Store> {
  if (kind === "sqlite") return await openSqliteStore(place, options);
  if (kind === "postgres") {
    return await openPostgresStore(readConnectionString(place), { owner: "one", ...options });
  }
  throw new TypeError(`There is no store ${kind}.`);
}
