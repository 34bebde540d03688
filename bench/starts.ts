/**
 * What starts cost: processor time of a command, a server, its workers and a test file, from their
 * start to their end with their children; Linux only.
 *
 *     deno run -A bench/starts.ts [--rounds 5] [--size full] [CLONE …]
 *
 * Clones are measured in turn, so that a busy machine is busy for all: give an older one to compare.
 * With `--size full` the networks are those of the defaults, and the first Colorize is timed, too.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { median } from "./service/verdict.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string", default: "5" },
    size: { type: "string", default: "small" },
  },
});
const clones = (positionals.length === 0 ? ["."] : positionals).map((clone) => resolve(clone));
const networks = values.size === "full"
  ? ["--size", "256"]
  : "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1".split(" ");

/** Seconds, by what was measured. */
type Seconds = Readonly<Record<string, number>>;

/** Processor time of all children that this process has waited for, with theirs, in seconds. */
function childrenSeconds(): number {
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[13]) + Number(fields[14])) / 100; // cutime and cstime, in ticks
}

/** Runs a command of a clone to its end. @returns its processor time and what it printed. */
async function run(
  clone: string,
  words: readonly string[],
): Promise<{ seconds: number; printed: string }> {
  const before = childrenSeconds();
  const child = spawn(process.execPath, words, {
    cwd: clone,
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => printed += text);
  await once(child, "close");
  return { seconds: childrenSeconds() - before, printed: printed.trim() };
}

const tinct = (clone: string, ...words: readonly string[]) =>
  run(clone, ["run", "-A", "src/cli/main.ts", ...words]);

/**
 * Has a server work on a data folder, from its start to its end.
 *
 * @param work gets the words that name the server.
 * @returns its processor time, with its workers', without that of the commands that `work` ran.
 */
async function serve(
  clone: string,
  folder: string,
  work: (server: readonly string[]) => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  const address = `unix:${join(folder, "clients.sock")}`;
  const words = ["serve", "--data-dir", folder, "--listen", address, "--min-free-mib", "0"];
  const child = spawn(process.execPath, ["run", "-A", "src/cli/main.ts", ...words], {
    cwd: clone,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const closed = once(child, "close");
  const ready = Promise.withResolvers<void>();
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    if (text.includes("The server is ready")) ready.resolve();
  });
  closed.then(() => ready.reject(new Error(`${clone}: the server ended early.`)));
  await ready.promise;
  await work(["--server", address]);
  const before = childrenSeconds();
  if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
  await closed;
  return childrenSeconds() - before;
}

/** Measures everything once. */
async function measure(clone: string): Promise<Seconds> {
  const folder = await mkdtemp(join(tmpdir(), "tinct-starts-"));
  try {
    const photos = join(folder, "photos", "small");
    await cp(join(clone, "tests", "testdata", "photos"), photos, { recursive: true });
    const photo = join(photos, (await readdir(photos)).find((name) => name.endsWith(".jpg")) ?? "");
    const version = await tinct(clone, "--version");
    const server = await serve(clone, folder);
    let jobId = "", client = 0;
    const training = await serve(clone, folder, async (at) => {
      const submitted = ["submit", ...at, "--dataset", "small", ...networks];
      const steps = ["--batch-size", "1", "--max-steps", "1"];
      jobId = (await tinct(clone, ...submitted, ...steps)).printed;
      const watched = await tinct(clone, "watch", ...at, jobId);
      if (!/SUCCEEDED/.test(watched.printed)) throw new Error(`${clone}: ${watched.printed}`);
      client = (await tinct(clone, "job", ...at, jobId)).seconds;
    });
    let firstColorize = 0;
    const colorizing = await serve(clone, folder, async (at) => {
      const startMs = performance.now();
      const out = ["--model", jobId, "--out", join(folder, "out")];
      await tinct(clone, "colorize", ...at, ...out, photo);
      firstColorize = (performance.now() - startMs) / 1000;
    });
    const test = ["test", "-A", "--no-check", "tests/faults/server_kill_test.ts"];
    const tested = await run(clone, [...test, "--filter", "none of that name"]);
    return {
      "command line (--version)": version.seconds,
      "client (job)": client,
      "server": server,
      "training worker, one step": training - server,
      "inference worker, one photo": colorizing - server,
      "test file of a server, no test": tested.seconds,
      "first colorize command of a cold server, by the clock": firstColorize,
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const rounds = Array.from({ length: Number(values.rounds) }, (_, index) => index);
const measured = new Map<string, Seconds[]>(clones.map((clone) => [clone, []]));
for (const round of rounds) {
  for (const clone of round % 2 === 0 ? clones : clones.toReversed()) {
    const seconds = await measure(clone);
    measured.get(clone)?.push(seconds);
    console.error(`round ${round + 1}: ${clone} ${JSON.stringify(seconds)}`);
  }
}
const medians = clones.map((clone) => {
  const all = measured.get(clone) ?? [];
  const names = Object.keys(all[0] ?? {});
  return new Map(names.map((name) => [name, median(all.map((each) => each[name] ?? NaN))]));
});
for (const [name, ours] of medians[0] ?? []) {
  const others = medians.slice(1).map((other) => {
    const theirs = other.get(name) ?? NaN;
    return `${theirs.toFixed(2)} s (ratio ${(ours / theirs).toFixed(2)})`;
  });
  console.log([name, `${ours.toFixed(2)} s`, ...others].join("  "));
}
