import { TinctError } from "../errors.ts";

/** A name of a stranger's file may be megabytes long; a message may not. */
const MAX_NAME = 120;

/** A name of a file, at a length that a sentence bears. */
export function shortened(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

/** The error of a file that is not what `torch.save` writes, or was damaged. */
export function damaged(path: string, fault: string, cause?: unknown): TinctError {
  return new TinctError("data_loss", `${path} is no sound file of torch.save: ${fault}.`, {
    cause,
  });
}

/** The error of a file that asks for more than weights. */
export function refused(path: string, what: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `${path} was refused: ${what}. Nothing in it was run. Save the weights alone, ` +
      "torch.save(model.state_dict(), FILE).",
  );
}

/** The error of a file whose numbers are in another order than this machine's. */
export function bigEndian(path: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `${path} has its numbers in the order of a big-endian machine; save it again on another one.`,
  );
}
