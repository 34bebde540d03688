import { copyFile, link, mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { heldWeightsFolder, heldWeightsFolders } from "../files/data_folder.ts";
import { syncFolder } from "../files/durable_file.ts";
import { reading, systemErrorName } from "../files/file_errors.ts";
import { pathExists } from "../files/temporary_names.ts";

/**
 * What a job does with weights: its encoder or its generator begins with them, or its perceptual loss
 * sees by them.
 */
const weightsRoles = ["encoder", "perceptual", "generator"] as const;

/** One of `weightsRoles`. */
export type WeightsRole = typeof weightsRoles[number];

/** Where the files of weights lie that a job holds. */
type HeldWeights = Partial<Readonly<Record<WeightsRole, string>>>;

/**
 * Keeps a file of weights for a job, by a hard link where the file system has them: the job has it
 * until it is over, whatever becomes of the name.
 *
 * @param path the file.
 * @throws {TinctError} not_found where it has been deleted, permission_denied.
 */
export async function holdWeights(
  dataFolder: string,
  jobId: string,
  role: WeightsRole,
  path: string,
): Promise<void> {
  const folder = heldWeightsFolder(dataFolder, jobId);
  await mkdir(folder, { recursive: true });
  const held = join(folder, fileOf(role));
  try {
    await link(path, held);
  } catch (error) {
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"].includes(systemErrorName(error))) {
      return await reading(path, Promise.reject(error)); // deleted meanwhile, for instance
    }
    await copyFile(path, held);
  }
  await syncFolder(folder);
  await syncFolder(heldWeightsFolders(dataFolder));
}

/** What a job holds. */
export async function heldWeights(dataFolder: string, jobId: string): Promise<HeldWeights> {
  const folder = heldWeightsFolder(dataFolder, jobId);
  const paths: Partial<Record<WeightsRole, string>> = {};
  for (const role of weightsRoles) {
    const path = join(folder, fileOf(role));
    if (await pathExists(path)) paths[role] = path;
  }
  return paths;
}

/** Gives up what a job holds. */
export async function dropHeldWeights(dataFolder: string, jobId: string): Promise<void> {
  await rm(heldWeightsFolder(dataFolder, jobId), { recursive: true, force: true });
}

/** Gives up what jobs hold that never came to be, or are over. */
export async function settleHeldWeights(
  dataFolder: string,
  needs: (jobId: string) => Promise<boolean>,
): Promise<void> {
  const folders = heldWeightsFolders(dataFolder);
  for (const jobId of await pathExists(folders) ? await readdir(folders) : []) {
    if (!(await needs(jobId))) await dropHeldWeights(dataFolder, jobId);
  }
}

function fileOf(role: WeightsRole): string {
  return `${role}.safetensors`;
}
