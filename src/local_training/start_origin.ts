import { checkpointAt } from "../checkpoints/checkpoint_at.ts";
import { networkOptions } from "../config/option_facts.ts";
import { TinctError } from "../errors.ts";
import { decodeRunState } from "../runs/run_state.ts";

/** The run whose weights another one begins with. */
interface StartOrigin {
  /** Its checkpoint. */
  readonly folder: string;
  /** Its options that a run takes over where it is given none. */
  readonly network: Readonly<Record<string, unknown>>;
}

/**
 * Finds what `--start-from` names.
 *
 * @returns undefined where it was not given.
 * @throws TinctError `invalid_argument` beside `--resume`, and as `checkpointAt`.
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
  const { path, state } = await checkpointAt(startFrom);
  const { config } = decodeRunState(state, path);
  return {
    folder: path,
    network: Object.fromEntries(networkOptions.map((name) => [name, config[name]])),
  };
}
