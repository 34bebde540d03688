import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { OptionNaming } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { TRAINED_PHOTOS_FILE } from "../files/trained_photos_file.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { countedWith } from "../words.ts";

/** What a run's folder says of its photos. */
interface TrainedPhotos {
  /** The key of the set that the run began with. */
  readonly dataKey: string;
  /** See `PreparedSet.algorithm`. */
  readonly algorithm: number;
  /** In the order of the set's rows. */
  readonly names: readonly string[];
  readonly ids: readonly string[];
  /** Names of photos that could not be read then; a run of an older version does not tell. */
  readonly unreadable?: readonly string[] | undefined;
}

/** The most names that a message lists of a kind. */
const MOST_NAMES = 5;

/** Writes down which photos a run is trained on, for when it is resumed. */
export async function keepTrainedPhotos(runFolder: string, set: PreparedSet): Promise<void> {
  const { key: dataKey, algorithm, names, ids } = set;
  const unreadable = set.report.unreadable.map(({ name }) => name);
  const photos: TrainedPhotos = { dataKey, algorithm, names, ids, unreadable };
  await writeFileAtomically(join(runFolder, TRAINED_PHOTOS_FILE), `${JSON.stringify(photos)}\n`);
}

/**
 * Knows the photos of a run again: what it trains on may have other names by now, and photos that
 * cannot be trained on (unreadable, gray) may have come or gone. Photos that could not be read when it
 * began and can be read now stay out of it.
 *
 * @param set the photos as they are now.
 * @param options `mayReorder`: whether the rows may be read in another order than they have.
 *   `onLeftOut`: is told in a sentence of photos that stay out.
 * @returns the set as the run began with it; `set` stays its owner; undefined where nobody
 *   knows what that was. Where the key is the same it is `set` itself.
 * @throws TinctError `failed_precondition` that names photos that were added, are missing or changed.
 */
export async function knowTrainedPhotos(
  runFolder: string,
  set: PreparedSet,
  { nameOf, mayReorder, onLeftOut }: {
    readonly nameOf: OptionNaming;
    readonly mayReorder: boolean;
    readonly onLeftOut?: (sentence: string) => void;
  },
): Promise<PreparedSet | undefined> {
  const trained = await readTrainedPhotos(runFolder);
  if (trained === undefined) return undefined;
  const { dataKey, algorithm, ids } = trained;
  if (dataKey === set.key) return set;
  if (algorithm !== set.algorithm) return undefined;
  const readNow = surplus(set, trained);
  const wereThere = new Set(trained.unreadable);
  const rows = readNow.every((name) => wereThere.has(name)) ? rowsOf(ids, set.ids) : undefined;
  if (rows === undefined) throw otherPhotos(trained, set, nameOf);
  const isInOrder = readNow.length === 0 && rows.every((row, index) => row === index);
  const stay = told(["could not be read", "could not be read"], readNow);
  const them = readNow.length === 1 ? "it" : "them";
  if (isInOrder || mayReorder) {
    if (stay !== "") {
      onLeftOut?.(
        `When this run began, ${stay}. It goes on without ${them}; a new run ` +
          `(${nameOf("startFrom")}) trains on ${them}, too.`,
      );
    }
    return set.seenAs(dataKey, isInOrder ? undefined : rows);
  }
  throw new TinctError(
    "failed_precondition",
    stay === ""
      ? "Photos have other names than when this run started, which changes their order, and several " +
        "replicas cannot follow that: restore the names, or resume with one process."
      : `When this run began, ${stay}, and several replicas cannot leave ${them} out now: move ` +
        `${them} elsewhere, or resume with one process.`,
  );
}

/** Where each of the wanted photos is among those that there are; undefined if one is not. */
function rowsOf(wanted: readonly string[], there: readonly string[]): Uint32Array | undefined {
  const places = new Map<string, number[]>();
  there.forEach((id, row) => {
    const copies = places.get(id);
    if (copies) copies.push(row);
    else places.set(id, [row]);
  });
  const rows = new Uint32Array(wanted.length);
  for (const [index, id] of wanted.entries()) {
    const row = places.get(id)?.shift(); // copies of a photo in their order
    if (row === undefined) return undefined;
    rows[index] = row;
  }
  return rows;
}

function otherPhotos(
  trained: TrainedPhotos,
  set: PreparedSet,
  nameOf: OptionNaming,
): TinctError {
  const more = surplus(set, trained);
  const less = new Set(surplus(trained, set));
  const changed = more.filter((name) => less.has(name));
  const hasChanged = new Set(changed);
  const broken = new Set(set.report.unreadable.map(({ name }) => name));
  const added = more.filter((name) => !hasChanged.has(name));
  const gone = [...less].filter((name) => !hasChanged.has(name));
  const parts = [
    told(["was added", "were added"], added),
    told(["is missing", "are missing"], gone.filter((name) => !broken.has(name))),
    told(
      ["can no longer be read", "can no longer be read"],
      gone.filter((name) => broken.has(name)),
    ),
    told(["has changed", "have changed"], changed),
  ].filter((part) => part !== "");
  return new TinctError(
    "failed_precondition",
    `The photos differ from those this run was trained on: ${
      parts.join("; ")
    }. Put them back, or ` +
      `start a new run with this one's weights (${nameOf("startFrom")}).`,
  );
}

/** Photos by name and content. */
type Named = Pick<TrainedPhotos, "names" | "ids">;

/** The names of those that some photos have beyond others; of copies of one photo the new names. */
function surplus(some: Named, others: Named): string[] {
  const left = new Map<string, number>();
  for (const id of others.ids) left.set(id, (left.get(id) ?? 0) + 1);
  const known = new Set(others.names);
  const places = some.names.map((name, at) => ({ name, id: some.ids[at] ?? "" }));
  const knownFirst = [
    ...places.filter(({ name }) => known.has(name)),
    ...places.filter(({ name }) => !known.has(name)),
  ];
  return knownFirst.filter(({ id }) => {
    const count = left.get(id) ?? 0;
    left.set(id, count - 1);
    return count <= 0;
  }).map(({ name }) => name);
}

function told(verbs: readonly [string, string], names: readonly string[]): string {
  if (names.length === 0) return "";
  const more = names.length > MOST_NAMES ? ", …" : "";
  return `${countedWith(names.length, "photo", verbs)} (${
    names.slice(0, MOST_NAMES).join(", ")
  }${more})`;
}

/** How many photos a run is trained on; undefined where its folder does not tell. */
export async function countTrainedPhotos(runFolder: string): Promise<number | undefined> {
  return (await readTrainedPhotos(runFolder))?.ids.length;
}

/** @returns undefined where there is none, of an older version's run, or it is damaged. */
async function readTrainedPhotos(runFolder: string): Promise<TrainedPhotos | undefined> {
  try {
    const read: unknown = JSON.parse(await readFile(join(runFolder, TRAINED_PHOTOS_FILE), "utf8"));
    return isTrainedPhotos(read) ? read : undefined;
  } catch {
    return undefined; // the key in the checkpoint still tells whether the photos are the same
  }
}

function isTrainedPhotos(value: unknown): value is TrainedPhotos {
  return typeof value === "object" && value !== null &&
    "dataKey" in value && typeof value.dataKey === "string" &&
    "algorithm" in value && typeof value.algorithm === "number" &&
    "names" in value && isTexts(value.names) && "ids" in value && isTexts(value.ids) &&
    value.names.length === value.ids.length &&
    (!("unreadable" in value) || isTexts(value.unreadable));
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
