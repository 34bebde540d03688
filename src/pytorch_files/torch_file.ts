import type { OpenFile } from "../files/open_file.ts";
import { bigEndian, damaged, refused, shortened } from "./faults.ts";
import { readPickle } from "./pickle.ts";
import { namedTensors } from "./named_tensors.ts";
import { readStream, type TorchContents } from "./torch_stream.ts";
import { itemSizesBytes, torchMeaning, type TorchTensor } from "./torch_objects.ts";
import { type PlacedView, placeView } from "./tensor_view.ts";
import { type Extent, storedEntries } from "./zip_archive.ts";

/** The kinds of files that `torch.save` writes: of today, and until PyTorch 1.6. */
type TorchFormat = "zip" | "stream";

/** So long a pickle may be, which is held in memory; that of a thousand tensors has 0.15 MB. */
const MAX_PICKLE_BYTES = 8 * 1024 * 1024;

/** Tensors may look at the same numbers; so many times the file's size they may take together. */
const MAX_SHARED = 4;

/** Which kind of file `torch.save` wrote, by its first 16 bytes; undefined where it is none of them. */
export function torchFormatOf(start: Uint8Array): TorchFormat | undefined {
  // A safetensors header's length may begin like either; then { follows.
  if (start[8] === 0x7b) return undefined;
  if (start[0] === 0x50 && start[1] === 0x4b) return "zip";
  return start[0] === 0x80 && start[1]! >= 2 && start[1]! <= 5 ? "stream" : undefined;
}

/**
 * Reads which tensors a file of `torch.save` has, and where their numbers lie; these are not read, and
 * nothing of what is pickled is run.
 *
 * @returns the tensors by their names: the keys of the dictionaries that they lie in, joined by full
 *   stops, such as "state_dict.module.conv1.weight".
 * @throws {TinctError} failed_precondition where it asks for more than weights; data_loss.
 */
export async function readTorchFile(
  file: OpenFile,
  format: TorchFormat,
  signal?: AbortSignal,
): Promise<Map<string, PlacedView>> {
  const { value, extents } = format === "zip"
    ? await readArchive(file, signal)
    : await readStream(file, MAX_PICKLE_BYTES, signal);
  const tensors = namedTensors(value, file.path);
  let sizeBytes = 0;
  const views = new Map<string, PlacedView>();
  for (const [name, tensor] of tensors) {
    const view = placeView(tensor, { name, extent: extentOf(tensor, extents, file), file });
    views.set(name, view);
    sizeBytes += view.sizeBytes;
  }
  if (sizeBytes <= MAX_SHARED * file.sizeBytes) return views;
  throw refused(
    file.path,
    `its tensors declare ${sizeBytes} bytes together, and it has ${file.sizeBytes}`,
  );
}

async function readArchive(file: OpenFile, signal?: AbortSignal): Promise<TorchContents> {
  const { path } = file;
  const entries = await storedEntries(file, signal);
  const root = [...entries.keys()].find((name) => /^[^/]*\/data\.pkl$/.test(name));
  if (root === undefined) throw damaged(path, "it is a zip archive without a data.pkl");
  const folder = root.slice(0, -"data.pkl".length);
  if ([...entries.keys()].some((name) => name.startsWith(`${folder}code/`))) {
    throw refused(path, "it is a program of TorchScript");
  }
  const read = async (name: string, most: number) => {
    const extent = entries.get(folder + name);
    if (extent === undefined) return undefined;
    if (extent.sizeBytes > most) {
      throw refused(path, `its ${name} has ${extent.sizeBytes} bytes, and ${most} are read`);
    }
    const bytes = new Uint8Array(extent.sizeBytes);
    await file.read(bytes, extent.position, signal);
    return bytes;
  };
  const order = await read("byteorder", 16);
  if (order !== undefined && new TextDecoder().decode(order) !== "little") {
    throw bigEndian(path);
  }
  const pickle = await read("data.pkl", MAX_PICKLE_BYTES);
  const extents = new Map<string, Extent>();
  for (const [name, extent] of entries) {
    if (name.startsWith(`${folder}data/`)) extents.set(name.slice(folder.length + 5), extent);
  }
  return { value: readPickle(pickle!, torchMeaning, { path }).value, extents };
}

function extentOf(
  { storage }: TorchTensor,
  extents: ReadonlyMap<string, Extent>,
  { path }: OpenFile,
): Extent {
  const { key, dtype, count } = storage;
  const extent = extents.get(key);
  if (extent === undefined) throw damaged(path, `its storage ${shortened(key)} is missing`);
  const sizeBytes = count * itemSizesBytes[dtype];
  if (sizeBytes <= extent.sizeBytes) return extent;
  throw damaged(
    path,
    `its storage ${shortened(key)} declares ${sizeBytes} bytes, and has ${extent.sizeBytes}`,
  );
}
