import assert from "assert";
import { execFile } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { loadGenerator } from "../../src/checkpoints/load_generator.ts";
import { TinctError } from "../../src/errors.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { checkDatabase } from "../stores/sqlite/check_database.ts";
import { type ServedFolder, serveFolder } from "./data_folder.ts";
import { makeDataFolder, photos, type RequestName, requests, source } from "./durable_requests.ts";
import { writeDyingMap } from "./dying_map.ts";
import { pointsOf } from "./durable_points.ts";

const program = fileURLToPath(new URL("./dying_server.ts", import.meta.url));

/** A server's life: which requests it answered, and which points it passed. */
interface Life {
  readonly answered: readonly string[];
  readonly points: readonly string[];
  readonly killed: boolean;
}

/** Has a server of its own work on a folder until it dies before a point; 0: until it is done. */
async function liveOn(
  folder: string,
  names: readonly RequestName[],
  { map, point }: { readonly map: string; readonly point: number },
): Promise<Life> {
  const list = `${folder}.points`;
  const argv = ["run", "-A", "--no-check", "--import-map", map, program, folder, ...names];
  const env = { ...process.env, DYING_LIST: list, DYING_POINT: String(point) };
  const { promise, resolve, reject } = Promise.withResolvers<Life>();
  const child = execFile(Deno.execPath(), argv, { env }, (_error, stdout, stderr) => {
    if (child.exitCode !== 0 && child.signalCode !== "SIGKILL") return reject(new Error(stderr));
    const lines = stdout.split("\n").filter(Boolean).map((line) => line.split(" "));
    resolve({
      answered: lines.map(([name = ""]) => name),
      // Those after the last answer are of the thread that clears away old events.
      points: pointsOf(list).slice(0, Number(lines.at(-1)?.[1] ?? 0)),
      killed: child.signalCode === "SIGKILL",
    });
  });
  return await promise;
}

/**
 * Starts a server on what another one has left. Fails unless all that was answered is there, and of
 * the rest either all or nothing; then makes the requests again, which must come to what one life
 * without a death comes to.
 */
async function checkAndGoOn(
  folder: string,
  names: readonly RequestName[],
  answered: ReadonlySet<string>,
): Promise<void> {
  checkDatabase(join(folder, "tinct.db"));
  await using served = await serveFolder(folder);
  await check(served, folder, answered);
  for (const name of names) {
    await requests[name](served).catch((error: Error) => {
      const done = name === "upload" ? /^ALREADY_EXISTS/ : /^NOT_FOUND/;
      assert.ok(name === "upload" || name.startsWith("delete"), error.message);
      assert.match(error.message, done);
    });
  }
  await check(served, folder, new Set(names));
}

async function check(served: ServedFolder, folder: string, answered: ReadonlySet<string>) {
  await checkUpload(served, folder, answered.has("upload"));
  await checkModel(served, folder, "roses", answered.has("promote"));
  await checkJob(served, answered.has("train"));
  const gone = await isThere(served.store.datasets.get("gone"));
  assert.ok(!(answered.has("deleteDataset") && gone));
  if (gone) assert.deepEqual(await readPhotos(folder, "gone"), photos);
  const old = await checkModel(served, folder, "old", false);
  assert.ok(!(answered.has("deleteModel") && old));
  const over = await isThere(served.store.jobs.get("job-over"));
  assert.ok(!(answered.has("deleteJob") && over));
  await checkFiles(served, folder);
}

async function checkJob(served: ServedFolder, answered: boolean): Promise<void> {
  const { jobs } = await served.store.jobs.list({ states: ["QUEUED"] });
  assert.ok(jobs.length === 1 || (jobs.length === 0 && !answered), `${jobs.length} jobs`);
  for (const { dataset, config, origin } of jobs) {
    assert.deepEqual([dataset, config["size"], origin?.step], ["meadow", 256, 5]);
  }
}

async function checkUpload(served: ServedFolder, folder: string, answered: boolean) {
  const dataset = await served.store.datasets.get("flowers").catch(absent);
  if (answered) assert.equal(dataset?.state, "READY");
  const there = await readPhotos(folder, "flowers");
  if (dataset?.state === "READY") assert.deepEqual(there, photos);
  else for (const [name, data] of there) assert.deepEqual(data, photos.get(name), name);
}

async function checkModel(
  { store }: ServedFolder,
  folder: string,
  name: string,
  answered: boolean,
): Promise<boolean> {
  const model = await store.models.get(name).catch(absent);
  if (answered) assert.equal(model?.version, 1);
  if (model === undefined) return false;
  await using generator = await loadGenerator(join(folder, model.path));
  assert.equal(generator.info?.step, 5);
  return true;
}

/** Nothing lies in the data folder that the store does not know of. */
async function checkFiles({ store }: ServedFolder, folder: string): Promise<void> {
  const jobs = (await store.jobs.list()).jobs;
  const pins = jobs.filter(({ state, origin }) => state === "QUEUED" && origin?.step === 5)
    .map(({ id }) => `${source}/checkpoints/step-00000005.pin-${id}`);
  const models = (await store.models.list()).models.map(({ path }) => path);
  const datasets = (await store.datasets.list()).datasets.map(({ name }) => `datasets/${name}`);
  const known = [
    "tinct.db",
    "photos",
    ...jobs.map(({ id }) => `jobs/${id}/checkpoints/step-00000005`),
    ...jobs.map(({ id }) => `jobs/${id}/metrics.jsonl`),
    ...pins.map((pin) => `jobs/${pin}`),
    ...models,
    ...datasets,
  ];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory() && !entry.name.startsWith(".")) continue;
    const path = join(entry.parentPath, entry.name).slice(folder.length + 1);
    assert.ok(!path.split("/").some((part) => part.startsWith(".")), `${path} is left over`);
    const isKnown = known.some((each) => path.startsWith(each));
    assert.ok(isKnown, `${path} is left over; known are ${known.join(", ")}`);
  }
}

async function readPhotos(folder: string, name: string): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const root = join(folder, "datasets", name);
  const entries = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path.slice(root.length + 1), await readFile(path));
  }
  return new Map([...found].sort());
}

async function isThere(found: Promise<object>): Promise<boolean> {
  return await found.catch(absent) !== undefined;
}

function absent(error: unknown): undefined {
  if (error instanceof TinctError && error.code === "not_found") return undefined;
  throw error;
}

for (
  const { names, least } of [
    { names: ["train", "upload", "promote"], least: 40 },
    { names: ["deleteDataset", "deleteModel", "deleteJob"], least: 12 },
  ] as const
) {
  Deno.test(`SIGKILL of the server at every durable point of ${names.join(", ")}`, async (t) => {
    await using scratch = await TemporaryFolder.create();
    const map = scratch.join("map.json");
    await writeDyingMap(map);
    const before = scratch.join("before");
    await makeDataFolder(before);
    const whole = scratch.join("whole");
    await cp(before, whole, { recursive: true });
    const { points, answered } = await liveOn(whole, names, { map, point: 0 });
    assert.deepEqual(answered, names);
    assert.ok(points.length >= least, `${points.length} points`);
    await checkAndGoOn(whole, names, new Set(answered));

    const folders = points.map((_, index) => scratch.join(`run-${index + 1}`));
    const die = async (folder: string) => {
      await cp(before, folder, { recursive: true });
      return await liveOn(folder, names, { map, point: Number(basename(folder).slice(4)) });
    };
    // Several die at a time: most of a life is the start of the process.
    const lives = new Map<string, Promise<Life>>();
    for (const [index, folder] of folders.entries()) {
      for (const each of folders.slice(index, index + 4)) {
        if (!lives.has(each)) lives.set(each, die(each));
      }
      const life = await lives.get(folder);
      await t.step(`${index + 1}: before ${points[index]}`, async () => {
        assert.ok(life?.killed || life?.answered.length === names.length);
        await checkAndGoOn(folder, names, new Set(life.answered));
      });
    }
  });
}
