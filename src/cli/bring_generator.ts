import { basename, extname } from "node:path";
import { tensorFileEndings } from "../checkpoints/open_tensors.ts";
import type { ServiceClient } from "../client/service_client.ts";
import { uploadWeights } from "../client/upload_weights.ts";
import { refuseViolations } from "../config/option.ts";
import { parseTrainingConfig } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { flagName } from "../terminal/arguments.ts";
import { showUpload } from "../terminal/show_upload.ts";
import { shapeMisfits } from "../weights/shape_misfits.ts";

/** Whether `--start-from` names a file of weights, not a job. */
export function isGeneratorFile(startFrom: string): boolean {
  return tensorFileEndings.includes(extname(startFrom));
}

/**
 * Refuses, before a file is uploaded, options that do not go with each other or with its generator.
 *
 * @param network the options that the file tells.
 * @throws {TinctError} invalid_argument that names each.
 */
export function refuseMisfits(
  network: Readonly<Record<string, unknown>>,
  given: Readonly<Record<string, unknown>>,
): void {
  const misfits = shapeMisfits(network, given);
  refuseViolations("The training options do not fit the file", misfits, flagName);
  const config = parseTrainingConfig({ ...network, ...given }, { nameOf: flagName });
  if (config.lambdaPerceptual === 0 || config.perceptual !== "encoder") return;
  throw new TinctError(
    "invalid_argument",
    "--perceptual encoder does not go with --start-from FILE: it compares colours, and a generator " +
      "sees lightness alone. See with --perceptual vgg16.",
  );
}

/**
 * Uploads a generator's file for a job to begin with, unless the server has it.
 *
 * @param options `beforeSending`: done first where it is uploaded.
 * @returns the name that the server knows it by: the file's own and its first digits of SHA-256.
 * @throws {TinctError} what opening and uploading it fail with.
 */
export async function bringGenerator(
  client: ServiceClient,
  path: string,
  options: { readonly signal: AbortSignal; readonly beforeSending: () => Promise<void> },
): Promise<string> {
  const stem = basename(path, extname(path)).replace(/[^\w.-]+/g, "_").replace(
    /^[^A-Za-z0-9]+/,
    "",
  );
  const name = (sha256: string) => `${stem.slice(0, 48) || "generator"}-${sha256.slice(0, 8)}`;
  const { weights } = await showUpload((onProgress) =>
    uploadWeights(client, { name, path, ...options, onProgress })
  );
  if (weights === null) throw new TinctError("internal", `Nothing was said of ${path}.`);
  return weights.name;
}
