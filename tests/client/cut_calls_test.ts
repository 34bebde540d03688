import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runTinct } from "../cli/run_tinct.ts";
import { jobIn } from "../jobs/small_job.ts";
import { type Cut, CuttingProxy } from "../service/cutting_proxy.ts";
import { Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const cuts: readonly Cut[] = ["internal", "cancel", "no error", "no status", "page", "connection"];

Deno.test("watch goes on where it was, however a proxy cuts it", async () => {
  await using scene = await Scene.open();
  await using proxy = await CuttingProxy.open(scene.server.address);
  await jobIn(scene.store, "job-a", "RUNNING");
  const argv = ["watch", "--server", proxy.address, "--json", "job-a"];
  const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", main, ...argv], {
    env: { ...process.env, TINCT_DEBUG: undefined },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (part: string) => stderr += part);
  const closed = once(child, "close");
  try {
    const seen: number[] = [];
    let step = 0;
    let expected = 2; // the states QUEUED and RUNNING
    for await (const line of createInterface(child.stdout)) {
      seen.push(Number(JSON.parse(line).sequence));
      if (seen.length < expected) continue;
      const cut = cuts[step++];
      if (cut !== undefined) {
        proxy.cut(cut);
        await scene.store.events.append("job-a", [
          { kind: "losses", payload: { step, lossGL1: 0.5 } },
        ]);
        expected++;
      } else if (step === cuts.length + 1) await scene.store.jobs.trigger("job-a", "succeeded");
    }
    const [code] = await closed;
    assert.equal(code, 0, stderr);
    const all = Array.from({ length: 2 + cuts.length + 1 }, (_, index) => index + 1);
    assert.deepEqual(seen, all, stderr);
    assert.equal(stderr.match(/Reconnecting\.$/gm)?.length, cuts.length + 1, stderr);
    assert.match(stderr, /was cut during the call: .*RST_STREAM with code 2/);
    assert.match(stderr, /A proxy at .* answers instead of the server/);
  } finally {
    child.kill("SIGKILL");
    await closed;
  }
});

Deno.test("colorize --server sends again what a proxy has cut, and each photo has one result", async () => {
  let painted = 0;
  let cut = () => {};
  await using scene = await Scene.open({}, (store) => {
    const workforce = new StoreWorkforce(store);
    workforce.colorizing.paint = (photo) => {
      if (++painted === 3) cut();
      return Promise.resolve(photo);
    };
    return Promise.resolve(workforce);
  });
  await jobIn(scene.store, "job-a", "SUCCEEDED");
  await using proxy = await CuttingProxy.open(scene.server.address);
  cut = () => proxy.cut("internal");
  const jpeg = (number: number) => Buffer.from([0xff, 0xd8, 0xff, number]);
  const names = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
  for (const [index, name] of names.entries()) await writeFile(scene.join(name), jpeg(index));
  const { code, stdout, stderr } = await runTinct([
    ...["colorize", "--server", proxy.address, "--model", "job-a", "--out", scene.join("out")],
    ...names.map((name) => scene.join(name)),
  ]);
  assert.equal(code, 0, stderr);
  assert.equal(stdout.match(/^\[\d+\/12\] .* → /gm)?.length, 12, stdout);
  assert.match(stderr, /Reconnecting\.\nColorized 12 photos in /);
  for (const [index, name] of names.entries()) {
    assert.deepEqual(await readFile(scene.join("out", name)), jpeg(index));
  }
});
