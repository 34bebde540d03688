/**
 * Runs programs in turn on one machine and compares what they measured:
 *
 *     deno run -A bench/side_by_side.ts [--rounds 3] [--limits pytorch] NAME=COMMAND NAME=COMMAND …
 *
 * With `--device cpu|gpu …` after all that, `devices.ts` measures all settings on that device instead.
 *
 * Each program prints JSON lines {"name", "batch", "precision", "ms": [...]}; other lines pass through.
 * The first program is compared with each of the others. `--limits pytorch` checks the limits of
 * `comparison.ts` against the second program, and exits with 1 where one is missed.
 */
import { spawn } from "node:child_process";
import { availableParallelism, loadavg } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { benchDevices } from "./devices.ts";
import {
  compare,
  markdownTable,
  type Measurement,
  pytorchLimits,
  readMeasurement,
  type Round,
  withinLimit,
} from "./comparison.ts";

/** A program to measure. */
interface Program {
  readonly name: string;
  /** For the shell. */
  readonly command: string;
}

/** Runs a program to its end and returns what it measured. */
async function measure({ name, command }: Program): Promise<Measurement[]> {
  const child = spawn("sh", ["-c", `exec ${command}`], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<string>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(String(signal ?? code)));
  });
  const measurements: Measurement[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const measurement = readMeasurement(line);
      if (measurement === undefined) console.error(`${name}: ${line}`);
      else measurements.push(measurement);
    }
  } catch (error) {
    child.kill();
    throw error;
  }
  const ending = await ended;
  if (ending !== "0") throw new Error(`${name} ended with ${ending}: ${command}`);
  return measurements;
}

/** Runs every program once; every other round backwards, so that none always comes first. */
async function runRound(programs: readonly Program[], index: number): Promise<Round> {
  const round = new Map<string, readonly Measurement[]>();
  for (const program of index % 2 === 0 ? programs : programs.toReversed()) {
    console.error(`round ${index + 1}: ${program.name}`);
    round.set(program.name, await measure(program));
  }
  return round;
}

async function main(): Promise<void> {
  const args = process.argv.slice(2);
  const device = args.findIndex((arg) => /^--device(?:=|$)/.test(arg));
  if (device >= 0) { // `deno task bench --device gpu`
    process.exitCode = await benchDevices(args.slice(device));
    return;
  }
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rounds: { type: "string", default: "3" }, limits: { type: "string" } },
  });
  const programs = positionals.map((text): Program => {
    const [, name = "", command = ""] = text.match(/^([^=\s]+)=(.+)$/s) ?? [];
    if (name === "") throw new RangeError(`A program is given as NAME=COMMAND, not ${text}.`);
    return { name, command };
  });
  const count = Number(values.rounds);
  const [ours, ...others] = programs;
  if (ours === undefined || others.length === 0) throw new RangeError("Give two programs or more.");
  if (!Number.isInteger(count) || count < 1) throw new RangeError("--rounds must be 1 or more.");
  if (values.limits !== undefined && values.limits !== "pytorch") {
    throw new RangeError(`--limits must be pytorch, not ${values.limits}.`);
  }

  const [load = 0] = loadavg();
  if (load > availableParallelism() / 4) {
    // PyTorch's threads wait for each other by spinning, so that a busy machine slows it far more.
    console.error(`The load is ${load.toFixed(1)} already: other programs falsify the ratios.`);
  }
  const rounds: Round[] = [];
  for (let index = 0; index < count; index++) rounds.push(await runRound(programs, index));
  let kept = true;
  for (const [index, theirs] of others.entries()) {
    const limits = index === 0 && values.limits !== undefined ? pytorchLimits : [];
    const comparisons = compare(rounds, ours.name, theirs.name, limits);
    console.log(`\n${markdownTable(comparisons, ours.name, theirs.name)}`);
    kept &&= comparisons.every(withinLimit);
  }
  process.exitCode = kept ? 0 : 1;
}

if (import.meta.main) await main();
