import { type ErrorCode, TinctError } from "../errors.ts";

/** A photo that cannot be used, said so that it can be told alone or as a line of a list. */
export class PhotoError extends TinctError {
  /** The photo's name, as the caller gave it. */
  readonly photo: string;
  /** What is wrong and what to do, to be read on after the name: "is empty (0 bytes); …". */
  readonly reason: string;

  constructor(code: ErrorCode, photo: string, reason: string, options?: { cause?: unknown }) {
    super(code, `${photo} ${reason}.`, options);
    this.photo = photo;
    this.reason = reason;
  }
}

/** A photo that is refused for a limit, and might be used under another one. */
export class PhotoLimitError extends PhotoError {}
