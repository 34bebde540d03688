import { openAnyStore } from "../open_any_store.ts";
import { checkSplitBrain } from "../split_brain.ts";
import { testStore } from "../store_conformance.ts";
import { obstacle, sharedPostgres, testWithPostgres } from "./test_postgres.ts";

testStore("PostgreSQL", async (folder, options = {}) => {
  const database = await (await sharedPostgres()).databaseFor(folder);
  return await openAnyStore("postgres", database, options);
}, obstacle);

testWithPostgres(
  "PostgreSQL: a server that was stopped past its lease changes nothing any more",
  async () => {
    const postgres = await sharedPostgres();
    await checkSplitBrain("postgres", await postgres.databaseFor("split-brain"));
  },
);
