import { resolve } from "node:path";
import process from "node:process";
import { TinctError } from "../errors.ts";
import { carryOver } from "../stores/carry_over.ts";
import { readConnectionString } from "../stores/postgres/connection_string.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { Progress } from "../terminal/progress.ts";
import { formatCount } from "../terminal/quantities.ts";

export const command = defineCommand({
  description: [
    "For `serve --store`: carries the jobs, models, datasets and sweeps that a stopped server keeps in its",
    "data folder's tinct.db over into an empty database of PostgreSQL. Files stay where they are. When all",
    "has arrived, tinct.db becomes tinct.db.migrated; until then nothing in the folder changes.",
  ].join("\n"),
  options: {
    dataDir: text("DIR", "the data folder"),
    store: text("URL", "the database, postgres://USER@HOST:PORT/DATABASE (default: TINCT_STORE)"),
  },
  async run({ options }, context) {
    const { dataDir, store = context.environment.store } = options;
    if (dataDir === undefined || store === undefined) {
      const missing = dataDir === undefined ? "--data-dir" : "--store";
      throw new TinctError("invalid_argument", `${missing} is missing; give both.`);
    }
    const place = readConnectionString(store);
    process.umask(0o077);
    let progress: Progress | undefined;
    try {
      const { rows, keptFile } = await carryOver(resolve(dataDir), place, {
        signal: context.signal,
        onProgress({ done, total, table }) {
          progress ??= new Progress({
            label: "Carrying over",
            total,
            sink: stderr,
            now: () => performance.now(),
          });
          progress.update(done, table);
        },
      });
      progress?.finish("");
      console.log(
        `${formatCount(rows)} rows are in ${place.name} now; the old file is kept as ${keptFile}.`,
      );
    } finally {
      progress?.[Symbol.dispose]();
    }
  },
});
