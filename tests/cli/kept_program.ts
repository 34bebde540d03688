/**
 * The program that is kept: it runs commands as `src/cli/main.ts` does, one after the other, in one
 * process, so that tests pay once for loading modules and TensorFlow. Told what to run by messages.
 */
import process from "node:process";
import { main } from "../../src/cli/main.ts";
import { surviveFileSizeLimit } from "../../src/files/file_size_signal.ts";
import {
  allWritten,
  routeConsole,
  stderr,
  stdout,
} from "../../src/terminal/output/standard_streams.ts";

/** What is to be run. */
export interface Wish {
  readonly argv: readonly string[];
  /** The whole environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where it runs. */
  readonly folder: string;
  /** Is written to both streams after the last word of the command. */
  readonly mark: string;
}

/** The pipes' reader is the test, which takes whatever comes. */
const READER_SECONDS = 60;

/** Works where it was put, whatever the command did. */
async function run({ argv, environment, folder, mark }: Wish): Promise<number> {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) delete process.env[name];
  }
  Object.assign(process.env, environment);
  process.chdir(folder);
  const code = await main(argv);
  for (const stream of [stdout, stderr]) stream.write(mark);
  await allWritten(READER_SECONDS * 1000);
  return code;
}

if (import.meta.main) {
  surviveFileSizeLimit();
  routeConsole();
  process.on("disconnect", () => process.exit());
  process.on("message", (wish: Wish) => {
    void run(wish).then((code) => process.send?.({ code }));
  });
}
