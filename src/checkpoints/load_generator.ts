import { realpath, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import process from "node:process";
import { TinctError } from "../errors.ts";
import { either } from "../words.ts";
import {
  Checkpoint,
  type CheckpointInfo,
  type FileChoice,
  openCheckpoint,
  readCheckpointInfo,
} from "./checkpoint_folder.ts";
import { MANIFEST_NAME } from "./checkpoint_manifest.ts";
import { reading } from "../files/file_errors.ts";
import { chooseWeights, type GeneratorWeights } from "./generator_weights.ts";
import {
  bestFirst,
  CHECKPOINTS_FOLDER,
  openFirstGood,
  surveyCheckpoints,
  type WarningListener,
} from "./run_folder.ts";
import { openTensors, tensorFileEndings } from "./open_tensors.ts";
import type { TensorFile } from "./tensor_file.ts";
import { pathExists } from "../files/temporary_names.ts";

/** Options of `loadGenerator`. */
interface LoadGeneratorOptions {
  /** Which checkpoint of a run: the newest, or the one with the best metric where there is one. */
  readonly prefer?: "latest" | "best";
  /** Which weights of a checkpoint; when left out, the moving average where it has one. */
  readonly weights?: GeneratorWeights | undefined;
  /** Is told of each damaged checkpoint that is passed over; see CheckpointStoreOptions. */
  readonly onWarning?: WarningListener;
  readonly signal?: AbortSignal | undefined;
}

/** A generator's weights, ready to be read. Owns the open file. */
export class LoadedGenerator implements AsyncDisposable {
  /** The weights, under their PyTorch names and in their layouts. */
  readonly file: TensorFile;
  /** The checkpoint it is from, with its configuration; undefined for a bare file of tensors. */
  readonly info: CheckpointInfo | undefined;
  /** Which weights they are; undefined for a bare file of tensors. */
  readonly weights: GeneratorWeights | undefined;
  readonly #owner: AsyncDisposable;

  /** For `loadGenerator`. */
  constructor(owner: Checkpoint | TensorFile, wanted?: GeneratorWeights) {
    this.#owner = owner;
    if (owner instanceof Checkpoint) {
      const { weights, file } = chooseWeights(owner.info, wanted);
      this.file = owner.file(file);
      this.info = owner.info;
      this.weights = weights;
    } else this.file = owner;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner[Symbol.asyncDispose]();
  }
}

/**
 * Opens a generator for colorizing. Only its own file is read and checked; a checkpoint needs no
 * optimizers and no discriminator. Changes nothing.
 *
 * @param path a run (its newest sound checkpoint is taken), a checkpoint folder, or a file that
 *   some other program wrote, see `openTensors`. The path itself may be a symbolic link, nothing under it.
 * @returns the generator; the caller disposes of it.
 * @throws {TinctError} not_found; failed_precondition when the path is none of the three or has not
 *   got the weights; data_loss when what it names is damaged.
 */
export async function loadGenerator(
  path: string,
  { prefer = "latest", weights, onWarning, signal }: LoadGeneratorOptions = {},
): Promise<LoadedGenerator> {
  const real = await reading(path, realpath(path));
  if (!(await reading(real, stat(real))).isDirectory()) return await loadBareFile(real, weights);
  const files = (info: CheckpointInfo) => [chooseWeights(info, weights).file];
  const options = { files, signal };
  const checkpoint = (await pathExists(join(real, MANIFEST_NAME)))
    ? await openCheckpoint(await readCheckpointInfo(real), options)
    : await openOfRun(real, prefer, { ...options, onWarning: onWarning ?? warnOfProcess });
  return new LoadedGenerator(checkpoint, weights);
}

async function loadBareFile(
  path: string,
  weights: GeneratorWeights | undefined,
): Promise<LoadedGenerator> {
  if (!tensorFileEndings.includes(extname(path))) {
    throw new TinctError(
      "failed_precondition",
      `${path} is no ${either(tensorFileEndings)} file, as ` +
        "safetensors.torch.save_file and torch.save write them.",
    );
  }
  if (weights !== undefined) {
    throw new TinctError(
      "failed_precondition",
      `${path} has weights of one kind only: leave the choice of ${weights} out.`,
    );
  }
  return new LoadedGenerator(await openTensors(path));
}

async function openOfRun(
  runFolder: string,
  prefer: "latest" | "best",
  options: {
    files: FileChoice;
    onWarning: WarningListener;
    signal?: AbortSignal | undefined;
  },
) {
  if (!(await pathExists(join(runFolder, CHECKPOINTS_FOLDER)))) {
    throw new TinctError(
      "failed_precondition",
      `${runFolder} is neither a run (it has no folder ${CHECKPOINTS_FOLDER}) nor a checkpoint ` +
        `(it has no ${MANIFEST_NAME}).`,
    );
  }
  const survey = await surveyCheckpoints(runFolder, { files: options.files });
  const newestFirst = survey.checkpoints.toReversed();
  const best = prefer === "best" ? bestFirst(survey.checkpoints) : [];
  return await openFirstGood(runFolder, survey, [...new Set([...best, ...newestFirst])], options);
}

function warnOfProcess(warning: TinctError): void {
  process.emitWarning(warning.message);
}
