import { open } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TinctError } from "../errors.ts";
import { writeFolderAtomically } from "../files/atomic_write.ts";
import { CHUNK_BYTES } from "../files/durable_file.ts";
import { reading } from "../files/file_errors.ts";
import { isThere } from "../files/folder_tree.ts";
import { makeFolder } from "../files/make_folder.ts";
import { OpenFile } from "../files/open_file.ts";
import { ExternalData } from "../onnx/external_data.ts";
import type { OnnxModel } from "../onnx/onnx_model.ts";
import { openOnnx } from "../onnx/onnx_network.ts";
import {
  decodeImport,
  encodeImport,
  fileNameMisfit,
  IMPORT_FILE,
  type ImportedFile,
  type ImportRecord,
  MAX_IMPORT_FILES,
  type NetworkFacts,
} from "../profiles/imported_folder.ts";

/** Whether a path leads to the folder of an imported model. */
export function isImported(path: string): boolean {
  return isThere(join(path, IMPORT_FILE));
}

/**
 * Reads what is known of an imported model, and makes sure that its files are what they were.
 *
 * @param folder of the model.
 * @throws {TinctError} not_found, data_loss.
 */
export async function readImported(
  folder: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImportRecord> {
  const record = decodeImport(await readText(join(folder, IMPORT_FILE)), folder);
  for (const { name, sizeBytes, sha256 } of record.files) {
    const path = join(folder, name);
    await using file = await OpenFile.open(path, { refuseLinks: true });
    const digest = await file.digest({ signal });
    if (digest.sizeBytes === sizeBytes && digest.sha256 === sha256) continue;
    throw new TinctError("data_loss", `${path} is damaged: it is not what was imported.`);
  }
  return record;
}

/**
 * The files that make up a network: its own, then those of its constants, which lie beside it.
 *
 * @param path an .onnx file.
 * @returns their paths.
 * @throws {TinctError} what `openOnnx` throws; invalid_argument for a constant that lies elsewhere,
 *   data_loss for one that its file does not hold.
 */
export async function filesOf(path: string): Promise<[string, ...string[]]> {
  const model: OnnxModel = await openOnnx(path);
  const names = new Set<string>();
  await using external = new ExternalData(path);
  for (const tensor of model.constants.values()) {
    if (tensor.external === undefined) continue;
    await external.check(tensor, tensor.external);
    names.add(tensor.external.location);
  }
  for (const name of [basename(path), ...names]) {
    const misfit = fileNameMisfit(name);
    if (misfit === undefined) continue;
    throw new TinctError(
      "invalid_argument",
      `A file of ${path} ${misfit}; save the network with its constants in one file beside it.`,
    );
  }
  if (names.size >= MAX_IMPORT_FILES) {
    throw new TinctError(
      "invalid_argument",
      `${path} has its constants in ${names.size} files, and may in ${
        MAX_IMPORT_FILES - 1
      }; save them ` +
        "in one (all_tensors_to_one_file of onnx.save_model).",
    );
  }
  return [path, ...[...names].map((name) => join(dirname(path), name))];
}

/**
 * Copies a network into a folder of its own, which is then a model. The folder appears whole or not at
 * all; one that is there, or comes meanwhile, is not replaced.
 *
 * @param paths see `filesOf`.
 * @param examine looks at the copy of the network.
 * @throws {TinctError} already_exists; what `examine` throws; what reading and writing fail with.
 */
export async function writeImported(
  folder: string,
  [path, ...others]: readonly [string, ...string[]],
  examine: () => Promise<NetworkFacts>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ImportRecord> {
  if (isThere(folder)) {
    throw new TinctError("already_exists", `${folder} exists already; name another folder.`);
  }
  const facts = await examine();
  await makeFolder(dirname(folder));
  return await writeFolderAtomically(folder, async (writer) => {
    const copied = async (from: string): Promise<ImportedFile> => {
      const name = basename(from);
      await using source = await OpenFile.open(from);
      const digest = await writer.writeFile(name, async (file) => {
        for (let at = 0; at < source.sizeBytes; at += CHUNK_BYTES) {
          const chunk = new Uint8Array(Math.min(CHUNK_BYTES, source.sizeBytes - at));
          await source.read(chunk, at, signal);
          await file.write(chunk);
        }
      });
      return { name, ...digest };
    };
    const files: [ImportedFile, ...ImportedFile[]] = [await copied(path)];
    for (const other of others) files.push(await copied(other));
    const record = { ...facts, files };
    await writer.writeFile(IMPORT_FILE, encodeImport(record));
    return record;
  }, { signal, replaces: false });
}

async function readText(path: string): Promise<string> {
  await using file = await reading(path, open(path));
  return await reading(path, file.readFile("utf8"));
}
