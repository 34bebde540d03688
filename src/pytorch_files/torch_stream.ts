import type { OpenFile } from "../files/open_file.ts";
import { bigEndian, damaged, refused } from "./faults.ts";
import { readPickle } from "./pickle.ts";
import { PickleDict, PickleSequence, type PickleValue } from "./pickle_values.ts";
import { itemSizesBytes, torchMeaning, TorchStorage } from "./torch_objects.ts";
import type { Extent } from "./zip_archive.ts";

/** What a file holds: the pickled value, and where its storages lie. */
export interface TorchContents {
  readonly value: PickleValue;
  /** By the storages' keys. */
  readonly extents: ReadonlyMap<string, Extent>;
}

/** What the first pickle says. */
const MAGIC = 0x1950a86a20f9469cfc6cn;

/** What the second says. */
const PROTOCOL = 1001;

/**
 * Reads what `torch.save` wrote until PyTorch 1.6: pickles of a magic number, a version, the machine,
 * the value and the keys of its storages; then each storage, its elements counted in 8 bytes before it.
 *
 * @param most bytes of the file's beginning in which the pickles must end.
 * @throws {TinctError} as `readTorchFile`.
 */
export async function readStream(
  file: OpenFile,
  most: number,
  signal?: AbortSignal,
): Promise<TorchContents> {
  const { path } = file;
  const bytes = new Uint8Array(Math.min(most, file.sizeBytes));
  await file.read(bytes, 0, signal);
  const storages = new Map<string, TorchStorage>();
  const meaning = {
    ...torchMeaning,
    persistent: (id: PickleValue) => {
      const value = torchMeaning.persistent(id);
      if (value instanceof TorchStorage) storages.set(value.key, value);
      return value;
    },
  };
  let at = 0;
  const next = (): PickleValue => {
    const { value, end } = readPickle(bytes, meaning, { path, at });
    at = end;
    return value;
  };
  if (next() !== MAGIC || next() !== PROTOCOL) {
    throw refused(path, "it is a pickle that torch.save did not write");
  }
  const machine = next();
  if (machine instanceof PickleDict && machine.entries.get("little_endian") === false) {
    throw bigEndian(path);
  }
  const value = next();
  const keys = next();
  if (!(keys instanceof PickleSequence)) throw damaged(path, "it has no list of its storages");
  return { value, extents: await placeStorages(file, keys, storages, at, signal) };
}

async function placeStorages(
  file: OpenFile,
  { items }: PickleSequence,
  storages: ReadonlyMap<string, TorchStorage>,
  start: number,
  signal?: AbortSignal,
): Promise<Map<string, Extent>> {
  const extents = new Map<string, Extent>();
  const length = new Uint8Array(8);
  let at = start;
  for (const key of items) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined) throw damaged(file.path, "it lists a storage that no tensor has");
    await file.read(length, at, signal);
    const count = Number(new DataView(length.buffer).getBigInt64(0, true));
    const sizeBytes = count * itemSizesBytes[storage.dtype];
    const position = at + length.length;
    if (!(sizeBytes >= 0 && position + sizeBytes <= file.sizeBytes)) {
      throw damaged(
        file.path,
        `its storage ${storage.key} of ${count} numbers reaches past its end: it was cut short`,
      );
    }
    extents.set(storage.key, { position, sizeBytes });
    at = position + sizeBytes;
  }
  return extents;
}
