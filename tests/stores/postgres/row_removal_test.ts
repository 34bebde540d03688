import { readConnectionString } from "../../../src/stores/postgres/connection_string.ts";
import { openPostgresStore } from "../../../src/stores/postgres/open_store.ts";
import { until } from "../../in_time.ts";
import { jobIn, losses } from "../../jobs/small_job.ts";
import { sharedPostgres, testWithPostgres } from "./test_postgres.ts";

testWithPostgres(
  "PostgreSQL: all rows of deleted jobs go, also of those that are deleted meanwhile",
  async () => {
    const postgres = await sharedPostgres();
    const database = await postgres.databaseFor("removal");
    const place = readConnectionString(database);
    await using store = await openPostgresStore(place, { owner: "one" });
    const rows = () =>
      postgres.query(
        place.database,
        "SELECT (SELECT count(*) FROM jobs) + (SELECT count(*) FROM events)",
      );
    await jobIn(store, "large", "RUNNING");
    await store.events.append("large", Array.from({ length: 4500 }, (_, step) => losses(step)));
    await store.jobs.trigger("large", "succeeded");
    await store.jobs.delete("large");
    await until(async () => await rows() === "0", "the large job's rows are gone");
    for (let round = 0; round < 20; round++) {
      const ids = Array.from({ length: 3 }, (_, index) => `job-${round}-${index}`);
      for (const id of ids) await jobIn(store, id, "CANCELLED");
      for (const id of ids) await store.jobs.delete(id); // while the one before is being removed
      await until(async () => await rows() === "0", `the rows of round ${round} are gone`);
    }
  },
);
