/**
 * Runs the tests: `deno task test [FILE|FOLDER|OPTION of deno test …]`. Sets up the TensorFlow
 * library first where it is missing, shows what was skipped and why, and ends with the line
 * `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readTestReport, summaryLine, type TestReport } from "./test_report.ts";

/** How a program ended, in words; undefined where it ended well. */
type Ending = string | undefined;

/**
 * Runs a program on this terminal and waits for its end.
 *
 * @param args of the Deno that runs this.
 */
export function runDeno(args: readonly string[], { folder = "." } = {}): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const child = spawn(Deno.execPath(), args, {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (code === 0) return resolve(undefined);
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
}

/**
 * Runs `deno test`.
 *
 * @param args files, folders and options of `deno test`.
 * @returns the counts; a run that failed without a failed test, as when a file does not load or the
 *   process dies, counts as one failure.
 */
export async function runTests(
  args: readonly string[],
  { folder = "." } = {},
): Promise<TestReport> {
  const scratch = await mkdtemp(join(tmpdir(), "tinct-tests-"));
  try {
    const file = join(scratch, "junit.xml");
    // Not --parallel: its workers share a process, whose memory, working folder and standard streams
    // some tests look at, and the tests that compute fill the cores alone.
    const ending = await runDeno(["test", "-A", "--no-check", `--junit-path=${file}`, ...args], {
      folder,
    });
    const report = readTestReport(await readIfThere(file));
    if (ending === undefined || report.failed > 0) return report;
    console.error(`deno test ended with ${ending}, though no test it reported failed.`);
    return { ...report, failed: 1 };
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

async function main(): Promise<void> {
  const start = performance.now();
  const setup = await runDeno(["run", "-A", "src/cli/main.ts", "setup"]);
  if (setup !== undefined) console.error(`tinct setup ended with ${setup}, so no test was run.`);
  const report = setup === undefined
    ? await runTests(process.argv.slice(2))
    : { passed: 0, failed: 1, skipped: [] };
  for (const test of report.skipped) console.log(`not run: ${test}`);
  console.log(`tests: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(summaryLine(report));
  process.exitCode = report.failed === 0 ? 0 : 1;
}

if (import.meta.main) await main();
