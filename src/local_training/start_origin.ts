import { checkpointAt } from "../checkpoints/checkpoint_at.ts";
import { networkOptions } from "../config/option_facts.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { isFolder, isThere } from "../files/folder_tree.ts";
import { findGenerator, type GeneratorFile } from "../inference/foreign_generator.ts";
import { decodeRunState } from "../runs/run_state.ts";

/** What a run begins with the weights of. */
interface StartOrigin {
  /** Another run's checkpoint, or a generator that another program trained. */
  readonly from: { readonly checkpoint: string } | GeneratorFile;
  /** The options that a run takes over from it where it is given none. */
  readonly network: Readonly<Record<string, string | number | boolean>>;
}

/**
 * Finds what `--start-from` names.
 *
 * @returns undefined where it was not given.
 * @throws TinctError `invalid_argument` beside `--resume`; `failed_precondition` for a file that has no
 *   generator; as `checkpointAt` and `openTensors`.
 */
export async function readOrigin(
  { startFrom, resume }: { readonly startFrom: string | undefined; readonly resume: boolean },
): Promise<StartOrigin | undefined> {
  if (startFrom === undefined) return undefined;
  if (resume) {
    throw new TinctError(
      "invalid_argument",
      "Give --start-from or --resume, not both: a resumed run has its own weights.",
    );
  }
  if (isThere(startFrom) && !(await isFolder(startFrom))) return await originInFile(startFrom);
  const { path, state } = await checkpointAt(startFrom);
  const { config } = decodeRunState(state, path);
  return {
    from: { checkpoint: path },
    network: Object.fromEntries(networkOptions.map((name) => [name, config[name]])),
  };
}

/** The tensors tell how the network is made, but for what has no tensors: dropout, the size of pictures. */
async function originInFile(path: string): Promise<StartOrigin> {
  const { from, config, notes: { size: _, ...noted } } = await findGenerator(path);
  const { generator, ngf, hints, nDown, size, decoderNorm } = config;
  return {
    from,
    network: {
      ...{ generator, ngf, hints },
      ...(generator === "unet" ? { nDown } : { decoderNorm }),
      // As deep a U-Net needs; what others colorize best at would be a costly training.
      ...(generator === "unet" && size > trainingOptions.size.default && { size }),
      ...noted,
    },
  };
}
