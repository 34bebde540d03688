import { basename, join } from "node:path";

/**
 * What a server's data folder is made of. Nobody else joins these names: paths that the store keeps
 * are relative to the folder, and this file says what one of them leads to.
 */
const RUNS = "jobs";
const MODELS = "models";
const UPLOADS = "datasets";
const PHOTOS = "photos";
const PREPARED = "prepared";
const WEIGHTS = "weights";
const HELD_WEIGHTS = "held_weights";
const IMPORTS = "imports";
const WORKERS = "workers";
const DATABASE = "tinct.db";
const LOCK = "server.lock";
const STORE = "store.json";

/** The folder of all jobs' runs. */
export function runsFolder(dataFolder: string): string {
  return join(dataFolder, RUNS);
}

/** Path of a job's run, relative to the data folder. */
export function runPath(jobId: string): string {
  return join(RUNS, jobId);
}

/** The folder of a job's run. */
export function runFolder(dataFolder: string, jobId: string): string {
  return join(dataFolder, runPath(jobId));
}

/** The folder of all models. */
export function modelsFolder(dataFolder: string): string {
  return join(dataFolder, MODELS);
}

/** Path of a model, relative to the data folder; its versions are folders in it. */
export function modelPath(name: string): string {
  return join(MODELS, name);
}

/** The folder of a model. */
export function modelFolder(dataFolder: string, name: string): string {
  return join(dataFolder, modelPath(name));
}

/** The folder of the datasets that clients upload. */
export function uploadsFolder(dataFolder: string): string {
  return join(dataFolder, UPLOADS);
}

/** The folder whose folders are datasets where the operator names no other. */
export function photosFolder(dataFolder: string): string {
  return join(dataFolder, PHOTOS);
}

/** The folder of what is prepared of all datasets. */
export function preparedSetsFolder(dataFolder: string): string {
  return join(dataFolder, PREPARED);
}

/** Where what is prepared of a dataset lies for all jobs; it can be made anew from the photos. */
export function preparedFolder(dataFolder: string, dataset: string): string {
  return join(preparedSetsFolder(dataFolder), dataset);
}

/** The folder of the files of weights that clients upload; each has a folder of its name. */
export function weightsFolder(dataFolder: string): string {
  return join(dataFolder, WEIGHTS);
}

/** The folder of what jobs hold of them. */
export function heldWeightsFolders(dataFolder: string): string {
  return join(dataFolder, HELD_WEIGHTS);
}

/** The folder of what a job holds of them. */
export function heldWeightsFolder(dataFolder: string, jobId: string): string {
  return join(heldWeightsFolders(dataFolder), jobId);
}

/** The folder of what arrives of imports; what is in it when a server starts belongs to nobody. */
export function importsFolder(dataFolder: string): string {
  return join(dataFolder, IMPORTS);
}

/** What the names of imported versions' folders begin with; those of jobs' begin with their ids. */
const IMPORTED = "import-";

/** Path of an imported version of a model, relative to the data folder. @param key tells contents apart. */
export function importedPath(name: string, key: string): string {
  return join(modelPath(name), IMPORTED + key);
}

/** Whether a folder is that of an imported version. */
export function isImportedPath(path: string): boolean {
  return basename(path).startsWith(IMPORTED);
}

/**
 * The folder of the socket by which workers dial in, or a link to it.
 *
 * @param server the name of one of several that share the folder; "" for the only one.
 */
export function workersFolder(dataFolder: string, server = ""): string {
  return join(dataFolder, `${WORKERS}${server && "-"}${server}`);
}

/** The file of the store's database. */
export function databaseFile(dataFolder: string): string {
  return join(dataFolder, DATABASE);
}

/** The file whose lock a server holds on its data folder. */
export function lockFile(dataFolder: string): string {
  return join(dataFolder, LOCK);
}

/** The file that says which database the folder goes with, where that is not its own. */
export function storeFile(dataFolder: string): string {
  return join(dataFolder, STORE);
}

/** Folders and files that a server keeps in its data folder from one start to the next. */
export function lastingPaths(dataFolder: string): string[] {
  const folders = [RUNS, PREPARED, MODELS, UPLOADS, WEIGHTS, HELD_WEIGHTS, IMPORTS];
  const files = [DATABASE, `${DATABASE}-wal`, `${DATABASE}-shm`, LOCK, STORE];
  return [...folders, ...files].map((name) => join(dataFolder, name));
}

/** Something in the data folder that has a name. */
interface DataThing {
  readonly kind: "run" | "model" | "dataset" | "weights";
  readonly name: string;
  /** The rest of the path; "" for the thing itself. */
  readonly inner: string;
}

const kinds: ReadonlyMap<string, DataThing["kind"]> = new Map([
  [RUNS, "run"],
  [MODELS, "model"],
  [UPLOADS, "dataset"],
  [PHOTOS, "dataset"],
  [WEIGHTS, "weights"],
  [HELD_WEIGHTS, "run"],
]);

/**
 * What lies at a path.
 *
 * @param path relative to the data folder.
 * @returns undefined for what has no name that people know.
 */
export function dataThingAt(path: string): DataThing | undefined {
  const [place = "", name = "", ...inner] = path.split("/");
  if (name === "") return undefined;
  const kind = kinds.get(place);
  return kind && { kind, name, inner: inner.join("/") };
}
