import assert from "assert";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { ServedProcess } from "../service/served_process.ts";
import { paintScenes } from "../service/workshop.ts";

const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 1 --batch-size 2 --max-steps 2";

Deno.test("serve --preload has models loaded when it is ready, and refuses those that are none", async () => {
  await using folder = await TemporaryFolder.create();
  const data = folder.join("data");
  await paintScenes(folder.join("data", "photos", "scenes"), 6);
  const ask = async (server: ServedProcess, command: string) => {
    const done = await runTinct([...command.split(" "), "--server", server.address]);
    assert.equal(done.code, 0, done.stderr);
    return done.stdout;
  };
  const loaded = async (server: ServedProcess): Promise<Record<string, boolean>> => {
    const { models } = JSON.parse(await ask(server, "models --json"));
    return Object.fromEntries(
      models.map(({ name, loaded }: { name: string; loaded: boolean }) => [name, loaded]),
    );
  };
  {
    await using served = await ServedProcess.start(data, ["--threads", "1"]);
    const submitted = await ask(
      served,
      `submit --dataset scenes ${small} --validation-photos 2 --watch`,
    );
    const jobId = submitted.slice(0, submitted.indexOf("\n"));
    for (const name of ["roses", "lilies"]) await ask(served, `promote ${jobId} --name ${name}`);
    assert.equal(await served.end("SIGTERM"), 0);
  }
  {
    await using plain = await ServedProcess.start(data, ["--threads", "1"]);
    assert.deepEqual(await loaded(plain), { lilies: false, roses: false });
    assert.equal(await plain.end("SIGTERM"), 0);
  }
  {
    await using ready = await ServedProcess.start(data, [
      ...["--threads", "1", "--preload", "roses", "--preload", "lilies, roses"],
    ]);
    const told = ready.lines.filter(({ message }) =>
      message === "A model was loaded before it is asked for."
    );
    assert.deepEqual(told.map(({ model, version }) => [model, version]), [
      ["roses", 1],
      ["lilies", 1],
    ]);
    assert.deepEqual(await loaded(ready), { lilies: true, roses: true });
    assert.equal(await ready.end("SIGTERM"), 0);
  }
  await using refused = await ServedProcess.start(data, ["--preload", "tulips"]);
  assert.equal(await refused.end(), 1);
  assert.match(
    String(refused.lines.at(-1)?.["message"]),
    /^--preload tulips: There is no model tulips/,
  );
  await using many = await ServedProcess.start(data, ["--preload", "a,b,c,d,e"]);
  assert.equal(await many.end(), 2);
  assert.match(
    String(many.lines.at(-1)?.["message"]),
    /^--preload names 5 models, and the server holds 4 at a time/,
  );
});
