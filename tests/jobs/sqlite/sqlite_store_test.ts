import { join } from "node:path";
import { openSqliteStore } from "../../../src/jobs/sqlite/open_store.ts";
import { testStore } from "../store_conformance.ts";

testStore("SQLite", (folder, options) => openSqliteStore(join(folder, "tinct.db"), options));
