/**
 * Times networks of other programs, computed here and by ONNX Runtime, in turns, each in a process of its
 * own on the same cores, and compares what they give. bench/pytorch/colorizers.py makes FOLDER, random
 * weights at full size; bench/pytorch/published.py adds to it what a package ships. Prints a table:
 * seconds a photo (median of all calls but each process's first), the most memory that a process had,
 * and the largest difference in parts of the range.
 *
 *     deno run -A bench/imported.ts FOLDER ddcolor deoldify siggraph17 eccv16 nsfw \
 *         --python .venv/bin/python [--rounds 2] [--calls 3] [--threads 2] [--cpu]
 *
 * With --cpu it counts seconds of processor time instead, for machines that do other things meanwhile,
 * and ONNX Runtime's threads do not spin while they wait.
 */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import tf from "@tensorflow/tfjs";
import { compareOutputs } from "../src/onnx/compare_outputs.ts";
import { readNpy } from "../src/onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../src/onnx/onnx_network.ts";
import { startBenchEngine } from "./bench_engine.ts";

/** What one process found. */
interface Found {
  readonly seconds: readonly number[];
  readonly loadSeconds: number;
  readonly peakMB: number;
  readonly relative?: number;
}

const { values: given, positionals: [folder = "", ...names] } = parseArgs({
  options: {
    python: { type: "string", default: "python3" },
    rounds: { type: "string", default: "2" },
    calls: { type: "string", default: "3" },
    threads: { type: "string", default: "2" },
    cpu: { type: "boolean", default: false },
    here: { type: "boolean", default: false },
  },
  allowPositionals: true,
});
const calls = Number(given.calls);
const self = fileURLToPath(import.meta.url);
const timer = fileURLToPath(new URL("pytorch/time_onnxruntime.py", import.meta.url));
const shared = [
  "--calls",
  given.calls,
  "--threads",
  given.threads,
  ...(given.cpu ? ["--cpu"] : []),
];

if (given.here) console.log(JSON.stringify(await timeHere(folder, names[0]!)));
else {
  console.log("network    by            seconds  first after  peak MB  difference");
  for (const name of names) {
    const own: Found[] = [];
    const theirs: Found[] = [];
    for (let round = 0; round < Number(given.rounds); round++) {
      own.push(await run(process.execPath, ["run", "-A", self, "--here", folder, name, ...shared]));
      theirs.push(await run(given.python, [timer, folder, name, ...shared]));
    }
    const [tinct, runtime] = [median(own), median(theirs)];
    tell(name, "Tinct", own, tinct);
    tell(name, "ONNX Runtime", theirs, runtime);
    const memory = peak(own) / peak(theirs);
    console.log(
      `${name.padEnd(11)}ratio         ${(tinct / runtime).toFixed(2)}` +
        `                   ${memory.toFixed(2)}`,
    );
  }
}

async function timeHere(at: string, name: string): Promise<Found> {
  const started = performance.now();
  using engine = await startBenchEngine({ threads: Number(given.threads), precision: "float32" });
  const model = await openOnnx(join(at, `${name}.onnx`));
  using network = await OnnxNetwork.load(engine, model);
  const inputs = await Promise.all(
    [...model.inputs.keys()].map((_, index) => readNpy(join(at, `${name}.in${index}.npy`))),
  );
  using compiled = network.compile();
  const tensors = inputs.map(({ values, shape }) => tf.tensor(values, [...shape]));
  const compute = async () => {
    const made = await compiled.call(...tensors);
    await Promise.all(made.map((each) => engine.read(each)));
    tf.dispose(made);
  };
  await compute();
  const loadSeconds = (performance.now() - started) / 1000;
  const seconds: number[] = [];
  for (let call = 0; call < calls; call++) {
    const begun = now();
    await compute();
    seconds.push(now() - begun);
  }
  tf.dispose(tensors);
  const peakMB = await peakOfProcess();
  const expected = [await readNpy(join(at, `${name}.out.npy`))];
  const [{ relative } = {}] = await compareOutputs(network, inputs, expected);
  return { seconds, loadSeconds, peakMB, ...(relative !== undefined && { relative }) };
}

/** Seconds by the clock, or of the processors' time. */
function now(): number {
  if (!given.cpu) return performance.now() / 1000;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

async function peakOfProcess(): Promise<number> {
  const status = await readFile("/proc/self/status", "utf8");
  return Number(/VmHWM:\s*(\d+)/.exec(status)?.[1]) / 1000;
}

async function run(command: string, args: readonly string[]): Promise<Found> {
  const { stdout } = await promisify(execFile)(command, [...args]);
  return JSON.parse(stdout.trim().split("\n").at(-1)!) as Found;
}

function median(found: readonly Found[]): number {
  const all = found.flatMap(({ seconds }) => seconds).sort((a, b) => a - b);
  const middle = all.length / 2;
  return (all[Math.ceil(middle) - 1]! + all[Math.floor(middle)]!) / 2;
}

function peak(found: readonly Found[]): number {
  return Math.max(...found.map(({ peakMB }) => peakMB));
}

function tell(name: string, by: string, found: readonly Found[], seconds: number): void {
  const first = Math.min(...found.map(({ loadSeconds }) => loadSeconds));
  const relative = found[0]?.relative;
  console.log(
    `${name.padEnd(11)}${by.padEnd(14)}${seconds.toFixed(2).padEnd(9)}${
      first.toFixed(1).padEnd(13)
    }${peak(found).toFixed(0).padEnd(9)}${relative?.toExponential(1) ?? ""}`,
  );
}
