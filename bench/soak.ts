/**
 * Loads a server for a long time, kills its workers at random, and exits with 1 unless everything
 * that was asked was answered, the memory of every process stays flat, and no handle, file or process
 * is left. Linux only. `--leak` plants a leak in the server, with which it must fail.
 *
 *     deno run -A bench/soak.ts                          # a quarter of an hour
 *     deno run -A bench/soak.ts --minutes 4
 *     deno run -A bench/soak.ts --minutes 4 --leak 60   # megabytes a minute: exits with 1
 *     deno run -A bench/soak.ts --minutes 4 --attack    # and an attacker who does all he can
 *     deno run -A bench/soak.ts --minutes 2 --attacks D2,D13 --memory   # only these, and what of it grows
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tmpdir } from "node:os";
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BenchServer } from "./service/bench_server.ts";
import { PacedClient } from "./service/paced_client.ts";
import { type ProcessSample, sampleProcesses } from "./service/process_probe.ts";
import { SoakLoad } from "./service/soak_load.ts";
import { describeComposition, describeMemory, judgeMemory } from "./service/soak_verdicts.ts";
import { judge, line, type Verdict } from "./service/verdict.ts";

const SAMPLE_EVERY_MS = 1000;
/** Before the attack begins, for what others' rate is compared with. */
const CALM_MS = 45_000;
const LONG_DATASET = "long";
const LONG_FILES = 100_000;
const WORKER_WARMUP_MS = 20_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "15" },
    leak: { type: "string", default: "0" },
    attack: { type: "boolean", default: false },
    attacks: { type: "string" },
    memory: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
const leak = Number(values.leak);
if (!(minutes >= 1)) throw new RangeError("--minutes is 1 or more.");
const serverWarmupMs = Math.min(180_000, minutes * 60_000 / 2);
if (!(leak >= 0)) throw new RangeError("--leak is 0 or more, in megabytes a minute.");

/** Half a minute or so, on two cores; ten checkpoints. */
const config = {
  ...{ size: 32, nDown: 5, ngf: 8, ndf: 8, nLayers: 1, batchSize: 4, epochs: 1_000_000 },
  ...{ maxSteps: 600, checkpointEvery: 60, validateEvery: 200, sampleEvery: 200 },
};

const isAttacked = values.attack || values.attacks !== undefined;
const scratch = await mkdtemp(join(tmpdir(), "tinct-soak-"));
const memoryFile = join(scratch, "memory.jsonl");
const preloads = [
  ...(leak === 0 ? [] : [`planted_leak.ts?perMinute=${leak}`]),
  ...(values.memory ? [`memory_teller.ts?file=${encodeURIComponent(memoryFile)}`] : []),
].map((module) => new URL(`./service/${module}`, import.meta.url).href);
await using server = await BenchServer.start({ photos: 32, side: 64, preloads });
if (isAttacked) await makeLongDataset();
const filesOf = async () => (await readdir(server.folder, { recursive: true })).sort();
const samples: ProcessSample[] = [];
const over = new AbortController();
const load = new SoakLoad(server, over.signal);
const timer = setTimeout(() => over.abort(), minutes * 60_000);
const running = load.run(config).finally(() => (clearTimeout(timer), over.abort()));
const startedMs = performance.now();
const paced = new PacedClient(server);
const pacing = paced.run(over.signal);
const attackedMs = startedMs + CALM_MS;
const attack = isAttacked ? attackLater() : undefined;
let idleHandles = (await sampleProcesses(server.pid))[0]?.handles ?? NaN;
while (!over.signal.aborted) {
  samples.push(...await sampleProcesses(server.pid));
  await passed(SAMPLE_EVERY_MS);
}
await Promise.all([running, pacing]);
const attackCounts = await attack;

// The server notices within seconds that clients are gone.
let left = await sampleProcesses(server.pid);
const settledMs = performance.now() + 30_000;
idleHandles += 12; // the colorizing worker's pipes and socket, the database's log
while ((left[0]?.handles ?? 0) > idleHandles && performance.now() < settledMs) {
  await passed(500);
  left = await sampleProcesses(server.pid);
}
const workers = left.filter(({ program }) => program !== "server");
const jobFiles = (await filesOf()).filter((path) =>
  /^(?:jobs|models|datasets)\//.test(path) || /(?:^|\/)\.(?!\/)/.test(path)
);
const { jobs, photos, excusedPhotos, watchers, events, kills } = load.counts;
console.log(
  `${minutes} min: ${jobs} jobs, ${photos} photos (${excusedPhotos} refused for a killed worker), ` +
    `${watchers} watchers with ${events} events, ${kills} workers killed`,
);
console.log(describeMemory(samples));
if (values.memory) console.log(describeComposition(await readFile(memoryFile, "utf8")));
if (attackCounts !== undefined) console.log(`the attacker's calls: ${attackCounts}`);
const mostMb = (wanted: string) =>
  Math.max(
    0,
    ...samples.filter(({ program }) => program === wanted).map(({ rssBytes }) => rssBytes),
  ) /
  1e6;
const attackVerdicts: Verdict[] = isAttacked
  ? [
    judge("the server's memory at most", mostMb("server"), { atMost: 500, unit: "MB" }),
    judge("the colorizing worker's memory at most", mostMb("colorize"), {
      ...{ atMost: 3000, unit: "MB" },
    }),
    judge(
      "rate of another client under attack, of its rate before",
      100 * paced.share(attackedMs, Infinity) / paced.share(startedMs, attackedMs),
      { atLeast: 90, unit: "%" },
    ),
    judge(
      "healthy calls refused as INVALID_ARGUMENT",
      paced.invalid + load.faults.filter((fault) => fault.includes("INVALID_ARGUMENT")).length,
      { atMost: 0, unit: "", digits: 0 },
    ),
  ]
  : [];
const verdicts: Verdict[] = [
  ...attackVerdicts,
  judge("requests that were not answered as they should be", load.faults.length, {
    ...{ atMost: 0, unit: "", digits: 0 },
  }),
  ...judgeMemory(
    samples,
    // The server's heap grows until its first full collections.
    (program) => program === "server" ? serverWarmupMs : WORKER_WARMUP_MS,
  ),
  judge("open handles of the server, idle", left[0]?.handles ?? NaN, {
    ...{ atMost: idleHandles, unit: "", digits: 0 },
  }),
  judge("workers left, but for the one that colorizes", workers.length, {
    ...{ atMost: 1, unit: "", digits: 0 },
  }),
  judge("files left of deleted jobs", jobFiles.length, { atMost: 0, unit: "", digits: 0 }),
];
for (const fault of load.faults.slice(0, 20)) console.error(fault);
for (const path of jobFiles.slice(0, 20)) console.error(`left: ${path}`);
for (const verdict of verdicts) console.log(line(verdict));

/** A dataset whose list is long; its files are no photos. */
async function makeLongDataset(): Promise<void> {
  const folder = join(server.folder, "photos", LONG_DATASET);
  await mkdir(folder);
  for (let index = 0; index < LONG_FILES; index += 1000) {
    await Promise.all(
      Array.from({ length: 1000 }, (_, at) => writeFile(join(folder, `${index + at}.png`), "")),
    );
  }
}

/** Attacks after the calm, until the end. @returns how the attacker's calls ended, in words. */
async function attackLater(): Promise<string> {
  await passed(CALM_MS, undefined, { signal: over.signal }).catch(() => {});
  const program = new URL("service/soak_attacker.ts", import.meta.url).pathname;
  const argv = ["run", "-A", "--no-check", program, server.address, "scenes", LONG_DATASET];
  if (values.attacks !== undefined) argv.push(...values.attacks.split(","));
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (part: string) => said = part.trimEnd());
  if (!over.signal.aborted) {
    await new Promise<void>((resolve) =>
      over.signal.addEventListener("abort", () => resolve(), { once: true })
    );
  }
  const hasEnded = child.exitCode !== null || child.signalCode !== null;
  child.kill("SIGKILL");
  await exited;
  if (hasEnded) throw new Error("The attacker ended by itself.");
  return said.split("\n").at(-1) ?? "";
}

await rm(scratch, { recursive: true });
if (verdicts.some(({ ok }) => ok === false)) process.exitCode = 1;
