import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTestReport, summaryLine } from "../../tools/test_report.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime, until } from "../in_time.ts";
import { isAlive } from "../process_facts.ts";

/** What `runTests()` reports of a folder with one test file of this text. */
async function reportOf(text: string, silenceLimit?: number) {
  const folder = await mkdtemp(join(tmpdir(), "tinct-planted-"));
  try {
    await writeFile(join(folder, "planted_test.ts"), text);
    // In a process of its own, whose output is captured: planted failures would look like real ones.
    const module = new URL("../../tools/run_tests.ts", import.meta.url);
    const output = silenceLimit === undefined
      ? undefined
      : { path: join(folder, "output"), silenceLimit };
    const program = `import { runTests } from ${JSON.stringify(module)};
      const output = ${JSON.stringify(output)};
      const report = await runTests(["planted_test.ts"], { folder: Deno.args[0], output });
      console.log("\\n" + JSON.stringify(report));`;
    await writeFile(join(folder, "program.ts"), program);
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", config, join(folder, "program.ts"), folder],
    }).output();
    const decoder = new TextDecoder();
    const last = decoder.decode(stdout).trimEnd().split("\n").at(-1) ?? "";
    return { ...JSON.parse(last), errors: decoder.decode(stderr) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const config = fileURLToPath(new URL("../../deno.json", import.meta.url));

Deno.test("runTests() counts tests, not their steps, and names the skipped ones", async () => {
  const { passed, failed, skipped } = await reportOf(`
    Deno.test("one", async (t) => { await t.step("a", () => {}); await t.step("b", () => {}); });
    Deno.test("two > a", () => {});
    Deno.test("three", async (t) => { await t.step("a", () => { throw new Error("no"); }); });
    Deno.test("four", () => { throw new Error("</testcase>"); });
    Deno.test.ignore('<client> & "server" talk (skipped: no Go)', () => {});
  `);
  assert.deepEqual({ passed, failed, skipped }, {
    passed: 2,
    failed: 2,
    skipped: ['planted_test.ts: <client> & "server" talk (skipped: no Go)'],
  });
});

Deno.test("runTests() counts a file that does not load as a failure", async () => {
  const { passed, failed, errors } = await reportOf(`
    import "./missing.ts";
    Deno.test("one", () => {});
  `);
  assert.deepEqual([passed, failed], [0, 1]);
  assert.match(errors, /ended with exit code 1/);
});

Deno.test("runTests() counts a process that dies as a failure, and says how it died", async () => {
  const { passed, failed, errors } = await reportOf(`
    Deno.test("one", async () => { Deno.kill(Deno.pid, "SIGKILL"); await new Promise(() => {}); });
  `);
  assert.deepEqual([passed, failed], [0, 1]);
  assert.match(errors, /ended with signal SIGKILL/);
});

Deno.test("runTests() kills a process that hangs with its children, and names the test", async () => {
  const { passed, failed, failures, errors } = await reportOf(
    `
    Deno.test("one", () => {});
    Deno.test("two", async () => {
      // As Deno itself says after minutes.
      setInterval(() => console.log("'two' has been running for over (1m0s)"), 500);
      await new Deno.Command("sleep", { args: ["3600"] }).output();
    });
  `,
    3,
  );
  assert.deepEqual([passed, failed], [0, 1]);
  assert.deepEqual(failures, ["planted_test.ts: two (ended with silence of 3 s)"]);
  assert.match(errors, /ended with silence of 3 s/);
});

Deno.test("a run that is told to end takes all processes that test with it", async () => {
  await using folder = await TemporaryFolder.create();
  const names = ["one", "two"];
  for (const name of names) {
    await writeFile(
      folder.join(`${name}_test.ts`),
      `Deno.test("hangs", async () => {
        Deno.writeTextFileSync("${name}.part", String(Deno.pid));
        Deno.renameSync("${name}.part", "${name}.pid");
        await new Promise((resolve) => setTimeout(resolve, 3_600_000));
      });`,
    );
  }
  const module = new URL("../../tools/run_tests.ts", import.meta.url);
  const program = folder.join("program.ts");
  await writeFile(
    program,
    `import { runTests } from ${JSON.stringify(module)};
    await Promise.all(${JSON.stringify(names)}.map((name) => runTests([name + "_test.ts"], {
      folder: Deno.args[0],
      output: { path: Deno.args[0] + "/" + name + ".output", silenceLimit: 600 },
    })));`,
  );
  const run = spawn(Deno.execPath(), ["run", "-A", "--config", config, program, folder.path], {
    stdio: "ignore",
  });
  const ended = once(run, "exit");
  const files = names.map((name) => folder.join(`${name}.pid`));
  await until(() => files.every((file) => existsSync(file)), "both tests run");
  const pids = await Promise.all(files.map(async (file) => Number(await readFile(file, "utf8"))));
  run.kill("SIGTERM");
  await inTime(ended, "the run ends");
  for (const pid of pids) {
    await until(async () => !await isAlive(pid), `process ${pid} is gone`);
  }
});

Deno.test("readTestReport() finds nothing in an empty file", () => {
  const nothing = { passed: 0, failed: 0, skipped: [], failures: [], tests: [] };
  assert.deepEqual(readTestReport(""), nothing);
});

Deno.test("summaryLine() names the skipped tests only when there are some", () => {
  assert.equal(summaryLine({ passed: 3, failed: 1, skipped: [] }), "3 passed, 1 failed");
  const line = summaryLine({ passed: 3, failed: 0, skipped: ["a", "b"] });
  assert.equal(line, "3 passed, 0 failed, 2 skipped");
});
