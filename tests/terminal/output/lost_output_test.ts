import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import { TemporaryFolder } from "../../checkpoints/temporary_folder.ts";
import { ServedProcess } from "../../service/served_process.ts";
import { paintScenes } from "../../service/workshop.ts";
import { fullPipe, shell, tinct } from "./shell.ts";

const network = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2".split(" ");
const told = "--validate-every 1 --sample-every 6 --log-every 1".split(" ");
const short = "--max-steps 12 --checkpoint-every 6".split(" ");
const endless = "--max-steps 100000 --checkpoint-every 0".split(" ");

/** What becomes of the outputs of `COMMAND`. */
const fates = {
  "closed by the reader": "{ COMMAND 2>&1; echo $? >CODE; } | head -1 >/dev/null",
  "a full disk": "COMMAND >/dev/full 2>&1; echo $? >CODE",
  "a pipe that nobody reads": "COMMAND >PIPE 2>&1; echo $? >CODE",
  "closed from the start": "COMMAND >&- 2>&-; echo $? >CODE",
} as const;

for (const [fate, line] of Object.entries(fates)) {
  Deno.test(`a training whose output is ${fate} trains to its end`, async () => {
    await using folder = await TemporaryFolder.create();
    await paintScenes(folder.join("photos"), 8);
    await using _pipe = await fullPipe(folder.join("pipe"));
    const paths = ["--data", folder.join("photos"), "--out", folder.join("run")];
    const command = tinct("train", ...paths, ...network, ...told, ...short);
    const script = line.replace("COMMAND", command).replace("PIPE", folder.join("pipe"))
      .replace("CODE", folder.join("code"));
    const { stderr } = await shell(script, { cacheFolder: folder.join("cache") });
    assert.equal((await readFile(folder.join("code"), "utf8")).trim(), "0", stderr);
    assert.deepEqual((await readdir(folder.join("run", "checkpoints"))).sort(), [
      "step-00000006",
      "step-00000012",
    ]);
    const metrics = await readFile(folder.join("run", "metrics.jsonl"), "utf8");
    assert.equal(metrics.match(/"kind":"losses"/g)?.length, 12);
  });
}

Deno.test("a command whose result is its output fails with a sentence where stdout is full", async () => {
  await using folder = await TemporaryFolder.create();
  const run = (script: string) => shell(script, { cacheFolder: folder.join("cache") });
  for (const argv of [["--help"], ["train", "--help"], ["--version"]]) {
    const { code, stderr } = await run(`${tinct(...argv)} >/dev/full`);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^The result could not be written to stdout: No space left on device .*\n$/,
    );
  }
});

Deno.test("a command whose reader is gone ends quietly, with the code of SIGPIPE", async () => {
  await using folder = await TemporaryFolder.create();
  const pipe = folder.join("pipe");
  const closed = `mkfifo ${pipe}; true <${pipe} & exec 3>${pipe}; wait;`; // `true` is gone by then
  const { code, stderr } = await shell(`${closed} ${tinct("--help")} >&3`, {
    cacheFolder: folder.join("cache"),
  });
  assert.equal(stderr, "");
  assert.equal(code, 141);
});

Deno.test("watch JOB | head ends quietly, while the job goes on", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("data", "photos", "scenes"), 8);
  await using served = await ServedProcess.start(folder.join("data"));
  const at = ["--server", served.address];
  const run = (script: string) => shell(script, { cacheFolder: folder.join("cache") });
  const options = [...network, ...told, ...endless];
  const submit = tinct("submit", "--dataset", "scenes", ...at, ...options);
  const { stdout, stderr } = await run(submit);
  const jobId = stdout.trim();
  assert.match(jobId, /./, stderr);
  const code = folder.join("code");
  const watched = await run(`{ ${tinct("watch", jobId, ...at)}; echo $? >${code}; } | head -4`);
  assert.equal(watched.stderr, "");
  assert.equal(watched.stdout.trim().split("\n").length, 4);
  assert.equal((await readFile(code, "utf8")).trim(), "141");
  const { stdout: jobs } = await run(tinct("jobs", ...at));
  assert.match(jobs, new RegExp(`^${jobId} +RUNNING`, "m"));
});
