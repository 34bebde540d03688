/**
 * Measures Tinct and PyTorch in all their settings on one device, in turn, and prints a table in
 * Markdown with the device, its driver and the versions:
 *
 *     deno task bench --device gpu                          # batches of 1, 16 and 64
 *     deno task bench --device gpu --python .venv/bin/python --batch 1 --batch 32
 *     deno task bench --device cpu --size 64 --n-down 6 --ngf 8 --ndf 8 --batch 1
 *
 * `--only` measures the settings whose names contain a text. A setting that fails, for lack of memory
 * for example, has its reason under the table, and the others go on. Refuses a GPU that is not there.
 */
import { spawn } from "node:child_process";
import { cpus } from "node:os";
import process from "node:process";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { readEnvironment } from "../src/config.ts";
import { TinctError } from "../src/errors.ts";
import { findCards, visibleGpus } from "../src/gpu/cards.ts";
import { readDriver } from "../src/gpu/driver.ts";
import { noGpu, obstaclesToGpu } from "../src/gpu/why_no_gpu.ts";
import { deviceTable, type Setting } from "./device_table.ts";
import { type Measurement, readMeasurement } from "./comparison.ts";

/** What is measured: a name, whose program it is, and what it is told besides. */
const settings: readonly Omit<Setting, "measurements" | "failure">[] = [
  { name: "Tinct float32", program: "tinct", args: ["--precision", "float32"] },
  { name: "Tinct tf32", program: "tinct", args: ["--precision", "tf32"] },
  { name: "Tinct bfloat16", program: "tinct", args: ["--precision", "bfloat16"] },
  { name: "Tinct tf32, xla", program: "tinct", args: ["--precision", "tf32", "--xla"] },
  { name: "Tinct bfloat16, xla", program: "tinct", args: ["--precision", "bfloat16", "--xla"] },
  { name: "PyTorch eager float32", program: "pytorch", args: ["--layout", "default"] },
  { name: "PyTorch channels_last float32", program: "pytorch", args: [] },
  { name: "PyTorch channels_last tf32", program: "pytorch", args: ["--precision", "tf32"] },
  { name: "PyTorch autocast bfloat16", program: "pytorch", args: ["--precision", "bfloat16"] },
  { name: "PyTorch compile tf32", program: "pytorch", args: ["--precision", "tf32", "--compile"] },
  {
    name: "PyTorch compile bfloat16",
    program: "pytorch",
    args: ["--precision", "bfloat16", "--compile"],
  },
];

/**
 * Measures the settings as the command line says, and prints the table, or why there is none.
 *
 * @returns the process's exit code.
 */
export async function benchDevices(args: readonly string[]): Promise<number> {
  try {
    return await measureSettings(args);
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function measureSettings(args: readonly string[]): Promise<number> {
  const { values: given } = parseArgs({
    args: [...args],
    options: {
      device: { type: "string", default: "cpu" },
      batch: { type: "string", multiple: true },
      python: { type: "string", default: "python3" },
      only: { type: "string", default: "" },
      ...Object.fromEntries(
        ["size", "n-down", "ngf", "ndf", "warmup", "repeat", "threads"].map((name) => [
          name,
          { type: "string" as const },
        ]),
      ),
    },
  });
  const { device, batch: chosen, python, only, ...rest } = given;
  if (device !== "cpu" && device !== "gpu") {
    throw new RangeError(`--device must be cpu or gpu, not ${device}.`);
  }
  const place = device === "cpu" ? cpus()[0]?.model.trim() ?? "a processor" : await nameGpu();
  const batches = chosen ?? (device === "cpu" ? ["1", "4"] : ["1", "16", "64"]);
  const shared = Object.entries(rest).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const measured: Setting[] = [];
  for (const setting of settings.filter(({ name }) => name.includes(only))) {
    console.error(setting.name);
    // Each batch has a process of its own: one that does not fit leaves the others alone.
    const measurements: Measurement[] = [];
    let failure: string | undefined;
    for (const batch of batches) {
      const command = setting.program === "tinct"
        ? [process.execPath, "run", "-A", "bench/step.ts"]
        : [python, "bench/pytorch/step.py"];
      const all = [...command, "--mode", "both", "--device", device, "--batch", batch];
      const end = await measure([...all, ...setting.args, ...shared]);
      measurements.push(...end.measurements);
      if (end.failure !== undefined) failure ??= `batch ${batch}: ${end.failure}`;
    }
    measured.push({ ...setting, measurements, failure });
  }
  console.log(deviceTable(place, batches.map(Number), measured));
  return measured.some(({ measurements }) => measurements.length > 0) ? 0 : 1;
}

/** The card's name with its driver; refuses where there is none. */
async function nameGpu(): Promise<string> {
  const { visibleGpus: visible, searchPath } = readEnvironment();
  const driver = readDriver({ searchPath });
  const facts = { driver, visible, library: undefined };
  const [card] = visibleGpus(await findCards(), visible);
  if (obstaclesToGpu(facts).length > 0 || card === undefined) throw noGpu(facts);
  return `${card.description}, driver ${driver.version ?? "unknown"}`;
}

/** Runs a program to its end; a failure is the last line that it says. */
async function measure(
  [command = "", ...args]: readonly string[],
): Promise<{ measurements: Measurement[]; failure: string | undefined }> {
  const child = spawn(command, args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: new URL("..", import.meta.url),
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `${signal ?? code}`));
  });
  const measurements: Measurement[] = [];
  const said: string[] = [];
  const listen = async (stream: NodeJS.ReadableStream) => {
    for await (const line of createInterface({ input: stream })) {
      const measurement = readMeasurement(line);
      if (measurement) measurements.push(measurement);
      else if (/\S/.test(line)) said.push(line.trim());
    }
  };
  await Promise.all([listen(child.stdout), listen(child.stderr)]);
  const code = await ended;
  const reason = said.findLast((line) => /error|no GPU|memory/i.test(line)) ?? said.at(-1) ?? "";
  return { measurements, failure: code && `ended with ${code}: ${reason.slice(0, 200)}` };
}
