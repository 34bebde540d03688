import { join } from "node:path";
import { openSqliteStore } from "../../../src/stores/sqlite/open_store.ts";
import { testStore } from "../store_conformance.ts";

testStore("SQLite", (folder, options) => openSqliteStore(join(folder, "tinct.db"), options));
