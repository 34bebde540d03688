import assert from "assert";
import { writeFile } from "node:fs/promises";
import { openAccess } from "../../src/access/open_access.ts";
import { openLog } from "../../src/log/log.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { ending, Scene } from "../service/scene.ts";
import { paintScenes, smallConfig, Workshop } from "../service/workshop.ts";

/** The lines, without their times. */
const read = (logged: readonly string[]): Record<string, unknown>[] =>
  logged.map((line) => JSON.parse(line));

Deno.test("a failed call has a line with its method, code and reason", async () => {
  await using scene = await Scene.open({}, undefined, { leastLogged: "info" });
  const result = await ending((back) => scene.jobs.getTrainingJob({ jobId: "job-x" }, back));
  assert.ok("error" in result);
  const [{ time: _, peer, ...line } = {}, ...more] = read(scene.logged);
  assert.deepEqual(more, []);
  assert.match(String(peer), /^127\.0\.0\.1:\d+$/);
  assert.deepEqual(line, {
    level: "info",
    message: "A call failed.",
    protocol: "grpc",
    method: "/tinct.v1.TrainingJobService/GetTrainingJob",
    code: "NOT_FOUND",
    reason: result.error.message,
    jobId: "job-x",
  });
});

Deno.test("a call that succeeds has no line; a submitted job has one", async () => {
  await using scene = await Scene.open({}, undefined, { leastLogged: "info" });
  await ending((back) => scene.jobs.listTrainingJobs({}, back));
  assert.deepEqual(scene.logged, []);
  for (let times = 0; times < 2; times++) {
    const train = { dataset: "meadow", requestId: "one" };
    assert.ok("ok" in await ending((back) => scene.colorization.train(train, back)));
  }
  const lines = read(scene.logged);
  assert.deepEqual(lines.map(({ message, dataset }) => [message, dataset]), [
    ["A job was submitted.", "meadow"],
  ]);
  assert.match(String(lines[0]?.["jobId"]), /./);
});

Deno.test("calls with wrong tokens have lines that name the peer, and many of them a count", async () => {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("access.json");
  await writeFile(file, JSON.stringify({ tokens: [] }));
  const logged: string[] = [];
  {
    using log = openLog({ write: (line) => logged.push(line) }, { windowMs: 600_000 });
    using access = await openAccess(
      {
        access: file,
        insecure: false,
        tlsCert: undefined,
        tlsKey: undefined,
        tlsClientCa: undefined,
      },
      "127.0.0.1:0",
      log,
    );
    await using scene = await Scene.open({}, undefined, { access, log });
    for (let times = 0; times < 50; times++) {
      const result = await ending((back) => scene.jobs.listTrainingJobs({}, back));
      assert.equal("error" in result && result.error.code, "UNAUTHENTICATED");
    }
  }
  const lines = read(logged).filter(({ message }) => /without a valid token/.test(`${message}`));
  assert.equal(lines.length, 21);
  assert.equal(lines.at(-1)?.["repeated"], 30);
  for (const line of lines) {
    assert.deepEqual([line["level"], line["code"]], ["warning", "UNAUTHENTICATED"]);
    assert.equal(line["peer"], "127.0.0.1");
  }
});

Deno.test("jobs have lines when they begin and when they succeed, fail or are cancelled", async () => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(folder.join("scenes"), 8);
  const workshop = await Workshop.open({}, folder);
  await workshop.submit("good", smallConfig);
  await workshop.history("good");
  await workshop.submit("bad", { ...smallConfig, batchSize: 512 });
  await workshop.history("bad");
  await workshop.close(); // waits for what is done after a job's last event
  const of = (jobId: string) =>
    workshop.log.filter((line) => line.jobId === jobId && line.level !== "debug")
      .map(({ level, message }) => `${level}: ${message}`);
  assert.deepEqual(of("good"), ["info: A job begins.", "info: A job succeeded."]);
  assert.deepEqual(of("bad"), ["info: A job begins.", "warning: A job failed."]);
});
