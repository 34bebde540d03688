import assert from "assert";
import { mkdir, writeFile } from "node:fs/promises";
import process from "node:process";
import sharp from "sharp";
import { workerVariables } from "../../src/config.ts";
import { defaultSupervisorLimits } from "../../src/fleet/fleet_options.ts";
import { localProcesses } from "../../src/fleet/local_process.ts";
import { SheetScaler } from "../../src/fleet/sheet_scaler.ts";
import { WorkerHub } from "../../src/fleet/worker_hub.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { Workshop } from "../service/workshop.ts";

const scaleStarts = "A worker to scale starts.";

/** A sheet of four fields of one colour each, as a worker would have drawn it. */
async function drawSheet(workshop: Workshop, name: string, side: number): Promise<string> {
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      data.set([x < side / 2 ? 200 : 20, y < side / 2 ? 180 : 40, 90], (y * side + x) * 3);
    }
  }
  await mkdir(workshop.folder.join("jobs", "job-a", "samples"), { recursive: true });
  const path = workshop.folder.join("jobs", "job-a", "samples", name);
  await sharp(data, { raw: { width: side, height: side, channels: 3 } }).png().toFile(path);
  return path;
}

Deno.test("one worker scales the sheets of all, one after the other, and nothing but sheets", async () => {
  await using workshop = await Workshop.open();
  const { workbench, log } = workshop;
  const path = await drawSheet(workshop, "sheet.png", 960);
  const factors = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32];
  const maxBytes = 2 ** 20;
  const all = await Promise.all(
    factors.map((factor) => workbench.scaleSheet({ path, factor, maxBytes })),
  );
  for (const [index, { file, width, height }] of all.entries()) {
    const side = 960 / (factors[index] ?? 0);
    assert.deepEqual([width, height], [side, side]);
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height, info.channels], [side, side, 3]);
    const pixel = (x: number, y: number) => [...data.subarray((y * side + x) * 3).subarray(0, 3)];
    // The corners lie within fields of one colour, which scaling leaves as it is.
    assert.deepEqual(pixel(0, 0), [200, 180, 90]);
    assert.deepEqual(pixel(side - 1, side - 1), [20, 40, 90]);
  }
  assert.equal(log.filter(({ message }) => message === scaleStarts).length, 1);

  const small = await workbench.scaleSheet({ path, factor: 1, maxBytes: 400 });
  assert.ok(small.file.byteLength <= 400 && small.width < 960, `${small.file.byteLength} bytes`);

  const svg = workshop.folder.join("jobs", "job-a", "samples", "sheet.svg");
  await writeFile(svg, `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`);
  const limits = { factor: 2, maxBytes };
  await assert.rejects(workbench.scaleSheet({ path: svg, ...limits }), { code: "data_loss" });
  const none = workshop.folder.join("jobs", "job-a", "samples", "none.png");
  await assert.rejects(workbench.scaleSheet({ path: none, ...limits }), { code: "not_found" });
  const secret = workshop.folder.join("tinct.db");
  await assert.rejects(workbench.scaleSheet({ path: secret, ...limits }));
});

Deno.test("a worker that is lost while it scales is replaced for the next sheet", async () => {
  await using workshop = await Workshop.open();
  const { workbench, log } = workshop;
  const sheet = { path: await drawSheet(workshop, "sheet.png", 64), factor: 2, maxBytes: 2 ** 20 };
  const waiting = workbench.scaleSheet(sheet);
  const started = () => log.filter(({ message }) => message === scaleStarts);
  process.kill(Number(started()[0]?.fields?.["pid"]), "SIGKILL");
  await assert.rejects(waiting, { code: "unavailable", message: /was lost.*SIGKILL/ });
  assert.equal((await workbench.scaleSheet(sheet)).width, 32);
  assert.equal(started().length, 2);
  const gone = new Error("nobody waits");
  const signal = AbortSignal.abort(gone);
  await assert.rejects(workbench.scaleSheet(sheet, { signal }), gone);
});

Deno.test("what waits when the scaler is closed is rejected, and what comes afterwards", async () => {
  await using folder = await TemporaryFolder.create();
  await using hub = await WorkerHub.open("1.2.3", folder.path);
  const options = {
    dataFolder: folder.path,
    libraryPath: "none",
    devices: [],
    programVersion: "1.2.3",
    environment: workerVariables(),
    log: () => {},
  };
  const limits = defaultSupervisorLimits;
  const scaler = new SheetScaler({ hub, place: localProcesses(), limits, log: () => {}, options });
  const { signal } = new AbortController();
  const sheet = { path: folder.join("sheet.png"), factor: 2, maxBytes: 2 ** 20 };
  const scaled = [scaler.scale(sheet, signal), scaler.scale(sheet, signal)];
  const [, ended] = await Promise.all([scaler.close(), Promise.allSettled(scaled)]);
  const stops = /The server stops; watch again when it is back/;
  assert.deepEqual(ended.map(({ status }) => status), ["rejected", "rejected"]);
  await assert.rejects(scaled[1]!, { code: "unavailable", message: stops });
  await assert.rejects(scaler.scale(sheet, signal), { code: "unavailable", message: stops });
});
