import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { CallScope } from "../calls/call_scope.ts";
import { Violations } from "../calls/fields.ts";
import type { StatusMapper } from "../calls/status.ts";
import type { Colorizing } from "../colorizing/colorizing.ts";
import { TinctError } from "../errors.ts";
import { replaceFolder, writeFileAtomically } from "../files/atomic_write.ts";
import { importedPath, importsFolder } from "../files/data_folder.ts";
import { syncFolder } from "../files/durable_file.ts";
import { uploadError } from "../files/file_errors.ts";
import { removeTree } from "../files/folder_tree.ts";
import { ensureFolder } from "../files/make_folder.ts";
import { uniqueEnding } from "../files/temporary_names.ts";
import type { Workbench } from "../fleet/workbench.ts";
import type { ModelVersion } from "../jobs/model.ts";
import type { Store } from "../jobs/store.ts";
import type { HeldLease } from "../leases/held_lease.ts";
import { isProfileName } from "../profiles/color_profile.ts";
import {
  encodeImport,
  fileNameMisfit,
  IMPORT_FILE,
  type ImportedFile,
  type ImportRecord,
  MAX_IMPORT_FILES,
} from "../profiles/imported_folder.ts";
import { readWholeProfile } from "../profiles/read_profile.ts";
import type { ImportModelRequest__Output } from "../protocol/generated/tinct/v1/import_model_request.ts";
import { memberOf } from "../protocol/one_of.ts";
import { misplaced, takeFiles } from "./arriving_files.ts";
import { areKept } from "./kept_files.ts";
import { importDetails } from "./import_details.ts";
import { removeUnnamed } from "./remove_unnamed.ts";
import { UNCLAIMED } from "./settle_imports.ts";

/** What imports work with; it belongs to the server. */
interface ImportSetting {
  readonly store: Pick<Store, "models">;
  readonly colorizing: Pick<Colorizing, "preload">;
  readonly workbench: Pick<Workbench, "examine">;
  readonly status: StatusMapper;
  readonly settings: { readonly maxWeightsMib: number };
  readonly dataFolder: string;
  /** Refuses what needs room on a disk that is nearly full. */
  readonly requireRoom: () => Promise<void>;
  /** Promotions, imports and deletions of a name go one after the other. */
  readonly inTurn: <T>(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal, lease: HeldLease) => Promise<T>,
  ) => Promise<T>;
}

/** What a call announces. */
interface ImportWish {
  readonly name: string;
  readonly description: string;
  readonly profile: string;
  readonly files: readonly [ImportedFile, ...ImportedFile[]];
}

/**
 * One call of ImportModel: takes the files in, has a worker look at them, and makes them a version of a
 * model. Nothing is left of an import that fails.
 *
 * @throws {TinctError} as the protos say.
 */
export async function importModel(
  setting: ImportSetting,
  requests: AsyncIterableIterator<ImportModelRequest__Output>,
  { signal }: CallScope,
): Promise<ModelVersion> {
  const wish = await readStart(setting, requests);
  await setting.requireRoom();
  const folder = join(importsFolder(setting.dataFolder), uniqueEnding());
  try {
    await takeFiles(folder, wish.files, requests, signal);
    const record = await examine(setting, folder, wish, signal);
    await writeFileAtomically(join(folder, IMPORT_FILE), encodeImport(record));
    await writeFile(join(folder, UNCLAIMED), "");
    await syncFolder(folder);
    return await setting.inTurn(
      wish.name,
      signal,
      (turn, lease) => keep(setting, folder, { ...wish, record }, { signal: turn, lease }),
    );
  } catch (error) {
    throw uploadError(error, "import the network again");
  } finally {
    await removeTree(folder);
  }
}

async function readStart(
  { status, settings }: ImportSetting,
  requests: AsyncIterableIterator<ImportModelRequest__Output>,
): Promise<ImportWish> {
  const first = await requests.next();
  const start = first.done ? undefined : memberOf(first.value, "part");
  if (start?.kind !== "start") {
    throw misplaced("The first message of an import must be `start`", "part");
  }
  const found = status.requests.violationsOf("tinct.v1.ImportModelStart", start.value, "start.");
  const violations = new Violations(found);
  const { name, description, profile } = start.value;
  // Where there are more, that is refused above, and a message has room for a million.
  const announced = start.value.files.slice(0, MAX_IMPORT_FILES);
  violations.check(announced.length > 0, "start.files", "must name the network's file");
  const files = announced.map(({ name, sizeBytes, sha256 }, index): ImportedFile => {
    const at = `start.files[${index}]`;
    const misfit = fileNameMisfit(name) ?? (name === UNCLAIMED ? "has another meaning" : undefined);
    violations.check(misfit === undefined, `${at}.name`, misfit ?? "");
    const isOther = announced.findIndex((file) => file.name === name) === index;
    violations.check(isOther, `${at}.name`, `is that of a file before it, ${JSON.stringify(name)}`);
    violations.check(
      sha256.length === 32,
      `${at}.sha256`,
      `must have 32 bytes, not ${sha256.length}`,
    );
    return { name, sizeBytes, sha256: sha256.toString("hex") };
  });
  violations.refuse();
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  if (sizeBytes > settings.maxWeightsMib * 2 ** 20) {
    throw new TinctError(
      "resource_exhausted",
      `The files of an import may have ${settings.maxWeightsMib} MiB, not ${sizeBytes} bytes.`,
      { kind: "TOO_LARGE", retryDelayMs: Infinity },
    );
  }
  const [network, ...others] = files;
  return { name, description, profile, files: [network!, ...others] };
}

/** Has a worker look at a network. What is wrong with it is the request's fault. */
async function examine(
  { workbench }: ImportSetting,
  folder: string,
  { profile, files }: ImportWish,
  signal: AbortSignal,
): Promise<ImportRecord> {
  const network = { folder, fileName: files[0].name, profile };
  const report = await workbench.examine(network, { signal }).catch(asRefusal);
  const { profileName, opset, parameters, sizeMultiple } = report;
  return {
    profile: readWholeProfile(report.profile),
    profileName: isProfileName(profileName) ? profileName : undefined,
    opset,
    parameters,
    sizeMultiple,
    files,
  };
}

function asRefusal(error: unknown): never {
  const refused = [
    "data_loss",
    "failed_precondition",
    "unimplemented",
    "invalid_argument",
    "not_found",
  ];
  if (!(error instanceof TinctError) || !refused.includes(error.code)) throw error;
  // Only what a worker says about the profile names fields, which are of the profile's JSON.
  const isProfile = error.violations.length > 0;
  throw new TinctError("invalid_argument", error.message, {
    violations: [{
      field: isProfile ? "start.profile" : "start.files",
      description: `${isProfile ? "is" : "are"} not taken: ${error.message}`,
    }],
  });
}

/** Makes files that were looked at a version. They bear a mark until the store knows them. */
async function keep(
  { store, colorizing, dataFolder }: ImportSetting,
  arrived: string,
  { name, description, record }: ImportWish & { readonly record: ImportRecord },
  { signal, lease }: { readonly signal: AbortSignal; readonly lease: HeldLease },
): Promise<ModelVersion> {
  signal.throwIfAborted();
  const path = importedPath(name, keyOf(record));
  const folder = join(dataFolder, path);
  const [known] = await store.models.at(path);
  if (known === undefined || !(await areKept(folder, record, signal))) {
    await ensureFolder(dirname(folder));
    lease.requireHeld();
    await replaceFolder(arrived, folder);
  }
  try {
    // Before the name comes to mean it: who colorizes by the name meanwhile does not wait.
    using _loaded = await colorizing.preload(folder);
    signal.throwIfAborted();
    lease.requireHeld();
    const sizeBytes = record.files.reduce((sum, file) => sum + file.sizeBytes, 0) +
      encodeImport(record).length;
    const details = { description, ...importDetails(record) };
    const version = { name, jobId: "", step: 0, path, sizeBytes, details };
    const { model } = await store.models.promote(version);
    await rm(join(folder, UNCLAIMED), { force: true });
    return model;
  } catch (error) {
    await removeUnnamed(store, { folder, path }, lease);
    throw error;
  }
}

/** Tells files and profiles apart: the same ones are the same version. */
function keyOf(record: ImportRecord): string {
  const hash = createHash("sha256").update(JSON.stringify([
    record.files.map(({ name, sha256 }) => [name, sha256]),
    record.profile,
  ]));
  return hash.digest("hex").slice(0, 24);
}
