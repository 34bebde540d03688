import { closeSync, openSync, writeSync } from "node:fs";
import { messageOf, TinctError } from "../../errors.ts";
import { TextStream } from "./text_stream.ts";

/** A file that text is added to; its opener disposes of it. */
interface TextFile extends Disposable {
  /** What the disk does not take is lost. */
  readonly stream: TextStream;
}

/** Opens a file to add text to, made where it is missing. @throws TinctError `failed_precondition`. */
export function openTextFile(path: string): TextFile {
  let fd: number;
  try {
    fd = openSync(path, "a");
  } catch (cause) {
    const message = `Cannot write ${path}: ${messageOf(cause)}. Give a folder that can be written.`;
    throw new TinctError("failed_precondition", message, { cause });
  }
  const target = {
    isTTY: false,
    columns: undefined,
    write: (bytes: Uint8Array) => writeSync(fd, bytes),
  };
  return {
    stream: new TextStream(target, { maxWaitingBytes: 0 }),
    [Symbol.dispose]: () => closeSync(fd),
  };
}
