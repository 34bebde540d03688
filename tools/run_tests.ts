/**
 * Runs the tests: `deno task test [--quick] [--jobs N] [FILE|FOLDER|OPTION of deno test …]`. Sets up
 * the TensorFlow library first where it is missing, tests in several processes side by side where
 * `test_plan.ts` allows it, tells the slowest tests and what was skipped and why, and ends with the
 * line `N passed, N failed`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { glob, mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Batch, planTests, quickTests } from "./test_plan.ts";
import {
  addReports,
  lastTest,
  readTestReport,
  slowest,
  summaryLine,
  type TestReport,
} from "./test_report.ts";

/** How a program ended, in words; undefined where it ended well. */
type Ending = string | undefined;

/** So many of the slowest tests are told. */
const SLOWEST = 10;

/** A process of tests that prints nothing for so long hangs: the slowest test takes a quarter of it. */
const SILENCE_LIMIT_SECONDS = 600;

/** A file that a program prints into. */
interface Output {
  readonly path: string;
  /** Seconds without news after which the program and its children are killed. */
  readonly silenceLimit: number;
}

/**
 * Runs a program and waits for its end.
 *
 * @param args of the Deno that runs this.
 * @param options `output`: where what it prints goes; this terminal by default.
 */
export async function runDeno(
  args: readonly string[],
  { folder = ".", output }: { folder?: string; output?: Output } = {},
): Promise<Ending> {
  await using file = output && await open(output.path, "w");
  const child = spawn(Deno.execPath(), args, {
    cwd: folder,
    // A group of its own, so that a program that hangs is killed with its children.
    detached: output !== undefined,
    stdio: ["ignore", file?.fd ?? "inherit", file?.fd ?? "inherit"],
  });
  using watch = output && new SilenceWatch(child, output);
  return await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (watch?.isOver) resolve(`silence of ${output?.silenceLimit} s`);
      else if (code === 0) resolve(undefined);
      else resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}

/** Kills a program's group when its output has not grown for too long, or when this process is told to end. */
class SilenceWatch implements Disposable {
  /** Whether the program was killed for its silence. */
  isOver = false;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  readonly #end = () => process.exit(1); // which kills every group that is watched
  readonly #kill: () => void;

  constructor(child: ChildProcess, { path, silenceLimit }: Output) {
    let [size, sinceMs] = [0, performance.now()];
    const kill = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
    };
    this.#timer = setInterval(() => {
      const grown = statSync(path).size;
      if (grown !== size && isNews(readFileSync(path).subarray(size).toString())) {
        sinceMs = performance.now();
      }
      size = grown;
      this.isOver = performance.now() - sinceMs > silenceLimit * 1000;
      if (this.isOver) kill();
    }, Math.min(1000, silenceLimit * 100));
    this.#kill = kill;
    process.on("exit", this.#kill);
    for (const signal of this.#signals) process.on(signal, this.#end);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    process.off("exit", this.#kill);
    for (const signal of this.#signals) process.off(signal, this.#end);
  }
}

/** Whether a program has said more than that a test goes on and on, as Deno does after 1, 2, 4 minutes. */
function isNews(text: string): boolean {
  return text.split("\n").some((line) => line !== "" && !/ has been running for over /.test(line));
}

/**
 * Runs `deno test` in one process.
 *
 * @param args files, folders and options of `deno test`.
 * @param options as of `runDeno`.
 * @returns the counts; a run that failed without a failed test, as when a file does not load or the
 *   process dies, counts as one failure.
 */
export async function runTests(
  args: readonly string[],
  options: { folder?: string; output?: Output } = {},
): Promise<TestReport> {
  const scratch = await mkdtemp(join(tmpdir(), "tinct-tests-"));
  try {
    const file = join(scratch, "junit.xml");
    // Not --parallel: its workers share a process, whose memory, working folder and standard streams
    // some tests look at.
    // The packages are there: else Deno would look each of them up again for every file that imports one.
    const lean = ["--no-check", "--node-modules-dir=manual"];
    const run = ["test", "-A", ...lean, `--junit-path=${file}`, ...args];
    const ending = await runDeno(run, options);
    const report = readTestReport(await readIfThere(file));
    if (ending === undefined || report.failed > 0) return report;
    console.error(`deno test ended with ${ending}, though no test it reported failed.`);
    const last = options.output && lastTest(await readIfThere(options.output.path));
    const failures = last === undefined ? [] : [`${last} (ended with ${ending})`];
    return { ...report, failed: 1, failures };
  } finally {
    await rm(scratch, { recursive: true });
  }
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, "utf-8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw error;
  }
}

/**
 * Runs batches of test files in several processes at a time, those that run alone last. What a process
 * prints is shown when it is done, so that outputs do not mix.
 *
 * @param options of `deno test`, for every process.
 * @param jobs processes at a time.
 */
async function runBatches(
  batches: readonly Batch[],
  { options = [], jobs }: { readonly options?: readonly string[]; readonly jobs: number },
): Promise<TestReport> {
  const scratch = await mkdtemp(join(tmpdir(), "tinct-tests-"));
  const startMs = performance.now();
  const reports: TestReport[] = [];
  const run = async (batch: Batch, index: number) => {
    const path = join(scratch, `output-${index}`);
    const output = { path, silenceLimit: SILENCE_LIMIT_SECONDS };
    reports.push(await runTests([...batch.files, ...options], { output }));
    await show(path);
    const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
    console.log(`-- ${reports.length} of ${batches.length} groups of files, ${seconds} s`);
  };
  try {
    const waiting = [...batches.entries()].filter(([, { isAlone }]) => !isAlone);
    await Promise.all(Array.from({ length: jobs }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await run(next[1], next[0]);
    }));
    for (const [index, batch] of batches.entries()) {
      if (batch.isAlone) await run(batch, index);
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  return addReports(reports);
}

/** Shows what a process has printed. */
async function show(path: string): Promise<void> {
  process.stdout.write(await readFile(path));
}

/** The test files that arguments name; all of them where they name none. */
async function testFiles(named: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const name of named.length === 0 ? ["tests"] : named) {
    if (!(await stat(name)).isDirectory()) files.push(name);
    else for await (const file of glob("**/*_test.ts", { cwd: name })) files.push(join(name, file));
  }
  return files.map((file) => file.replace(/^\.\//, "")).sort();
}

/** What the command line asks for. */
function readArguments(given: readonly string[]) {
  const options: string[] = [];
  const named: string[] = [];
  let isQuick = false;
  // More than cores: tests also wait, for timeouts and for programs that start.
  let jobs = availableParallelism() + 2;
  const rest = [...given];
  for (let each = rest.shift(); each !== undefined; each = rest.shift()) {
    if (each === "--quick") isQuick = true;
    else if (each === "--jobs") jobs = Number(rest.shift());
    else if (each.startsWith("-")) options.push(each);
    else named.push(each);
  }
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new RangeError("--jobs is the number of processes at a time, 1 or more.");
  }
  return { options, named, isQuick, jobs };
}

async function main(): Promise<void> {
  const start = performance.now();
  const { options, named, isQuick, jobs } = readArguments(process.argv.slice(2));
  const setup = await runDeno(["run", "-A", "src/cli/main.ts", "setup"]);
  if (setup !== undefined) console.error(`tinct setup ended with ${setup}, so no test was run.`);
  const found = await testFiles(named);
  const report = setup === undefined
    ? await runBatches(planTests(isQuick ? quickTests(found) : found), { options, jobs })
    : { passed: 0, failed: 1, skipped: [], tests: [], failures: [] };
  console.log(`the slowest:`);
  for (const { file, name, seconds } of slowest(report, SLOWEST)) {
    console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${file}: ${name}`);
  }
  for (const test of report.skipped) console.log(`not run: ${test}`);
  for (const test of report.failures) console.log(`failed: ${test}`);
  console.log(`tests: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(summaryLine(report));
  process.exitCode = report.failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
