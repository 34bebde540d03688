import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { existsSync } from "node:fs";
import { integer } from "../config/option.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { makeFolder } from "../files/make_folder.ts";
import { parseServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import { parallelCoordinates } from "../drawing/parallel_coordinates.ts";
import type { CreateSweepResponse__Output } from "../protocol/generated/tinct/v1/create_sweep_response.ts";
import type { Sweep__Output } from "../protocol/generated/tinct/v1/sweep.ts";
import type { SweepSpec } from "../protocol/generated/tinct/v1/sweep_spec.ts";
import { receive } from "../protocol/receive.ts";
import { lossLine, openLog } from "../log/log.ts";
import { text } from "../terminal/arguments.ts";
import { type CommandContext, defineCommand } from "../terminal/command.ts";
import { openService } from "./open_service.ts";
import { openTextFile } from "../terminal/output/text_file.ts";
import { Reconnection } from "../client/reconnection.ts";
import {
  optionalServerOptions,
  serverFlags,
  type ServerOptions,
} from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { shownJson } from "../shown.ts";
import { counted } from "../words.ts";
import { readSweepFile } from "../client/sweep_file.ts";
import { sweepLines, sweepProgress, sweepTable } from "../client/sweep_table.ts";

export const command = defineCommand({
  description: [
    "FILE says what to try: JSON with the options that differ (docs/training.md shows one). With",
    "--server, a server runs the trials; otherwise this program runs them, on the photos of --data, and",
    "keeps everything in --out. Ctrl-C stops watching; the same command continues where it was. At the",
    "end it prints a table of the trials, and writes sweep.png and sweep.json into --out.",
  ].join("\n"),
  options: {
    ...optionalServerOptions,
    data: text("DIR", "folder tree of photos; for a sweep without a server"),
    out: text("DIR", "folder for the results; required with --data"),
    name: text("TEXT", "a name for people", ""),
    retries: integer(30, [0, 1e6], "reconnections in a row without news before giving up"),
    ...jsonOption,
  },
  switches: [{ by: "server", with: [...serverFlags, "retries"], without: ["data"] }],
  both: ["out", "name", "json"],
  operands: { name: "FILE", min: 1, max: 1, help: "what to try" },
  async run({ options, operands: [file = ""] }, context) {
    const { server, data, out, name, json, retries } = options;
    const spec = await readSweepFile(file);
    if (out !== undefined) await makeFolder(out);
    if (server !== undefined) {
      return await follow({ ...options, server }, spec, { name, out, json, retries }, context);
    }
    if (data === undefined || out === undefined) {
      throw wrong("Give --server, or --data with the photos and --out for the results.");
    }
    return await runHere(
      spec,
      { data: resolve(data), out: resolve(out), name, json, retries },
      context,
    );
  },
});

function wrong(message: string): TinctError {
  return new TinctError("invalid_argument", message);
}

/** What is the same wherever a sweep runs. */
interface Naming {
  readonly name: string;
  /** Print the sweep as JSON at the end. */
  readonly json: boolean;
  readonly retries: number;
}

/** Runs a server of this process's own for as long as the sweep takes. */
async function runHere(
  spec: SweepSpec,
  { data, out, name, json, retries }: Naming & { readonly data: string; readonly out: string },
  context: CommandContext,
): Promise<number> {
  if (spec.dataset !== undefined && spec.dataset !== basename(data)) {
    throw wrong(`The file names the dataset ${spec.dataset}, --data is ${data}: leave one out.`);
  }
  if (!existsSync(data)) throw new TinctError("not_found", `There is no folder ${data}.`);
  using logFile = openTextFile(join(out, "server.log"));
  using log = openLog(logFile.stream);
  logFile.stream.describeLoss = (lost) => lossLine(logFile.stream, lost);
  await using service = await openService({
    dataFolder: out,
    address: "127.0.0.1:0",
    photos: dirname(data),
    colorizeDevice: "cpu",
    threads: 0,
    settings: parseServiceSettings({}),
    log,
  }, context);
  const whole = { ...spec, dataset: basename(data) };
  const here = { server: service.server.address };
  const code = await follow(here, whole, { name, out, json, retries }, context);
  await service.server.stop();
  return code;
}

/** Begins the sweep, or finds the one that the same command began, and follows it to its end. */
async function follow(
  server: ServerOptions,
  spec: SweepSpec,
  { name, out, json, retries }: Naming & { readonly out: string | undefined },
  { signal, environment }: CommandContext,
): Promise<number> {
  using client = new ServiceClient(server, environment);
  const place = out === undefined ? undefined : join(out, "sweep.json");
  const sweepId = await begin(client, spec, { name, out });
  console.error(`Sweep ${sweepId}`);
  let last: Sweep__Output | undefined;
  const reconnection = new Reconnection({ retries, signal });
  for (let over = false; !over;) {
    const call = client.sweeps.watchSweep({ sweepId });
    try {
      for await (const { sweep } of receive(call, { signal })) {
        if (sweep === null) continue;
        reconnection.succeeded();
        last = sweep;
        if (place !== undefined) {
          await writeFileAtomically(place, shownJson(client.json("Sweep", sweep), 2));
        }
        console.error(sweepProgress(sweep));
      }
      over = true;
    } catch (error) {
      const known = signal.aborted ? error : await client.explain(error);
      await reconnection.pauseAfter(known, (why) => console.error(why));
    } finally {
      call.cancel();
      call.on("error", () => {}); // the cancellation that has just been asked for
    }
  }
  if (last === undefined) throw new TinctError("internal", `Nothing was said of ${sweepId}.`);
  if (json) printJson(client.json("WatchSweepResponse", { sweep: last }));
  else console.log(sweepTable(last));
  if (out !== undefined) {
    const { axes, lines } = sweepLines(last);
    const title = `${last.displayName || sweepId}: ${counted(last.trials.length, "trial")}`;
    const path = join(out, "sweep.png");
    await writeFileAtomically(path, await parallelCoordinates(axes, lines, { title }));
    console.error(`Drew ${path}`);
  }
  if (last.state === "SWEEP_STATE_SUCCEEDED") return 0;
  console.error(last.message || `The sweep is ${String(last.state).replace("SWEEP_STATE_", "")}.`);
  return 1;
}

/** A sweep whose results lie in a folder is begun once: the same file again goes on with it. */
async function begin(
  client: ServiceClient,
  spec: SweepSpec,
  { name, out }: { readonly name: string; readonly out: string | undefined },
): Promise<string> {
  const said = JSON.stringify([spec, name, out === undefined ? "" : resolve(out)]);
  const requestId = out === undefined ? "" : createHash("sha256").update(said).digest("hex");
  const { sweep } = await client.ask<CreateSweepResponse__Output>((answer) =>
    client.sweeps.createSweep({ spec, displayName: name, requestId }, answer)
  );
  return sweep?.sweepId ?? "";
}
