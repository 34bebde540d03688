import { TinctError } from "../errors.ts";
import { OpenFile } from "./open_file.ts";

/**
 * Reads a small file of text.
 *
 * @param mostBytes a larger file is refused before it is read.
 * @throws {TinctError} invalid_argument for a larger one; what opening and reading it fail with.
 */
export async function readText(path: string, mostBytes: number): Promise<string> {
  await using file = await OpenFile.open(path);
  if (file.sizeBytes > mostBytes) {
    throw new TinctError(
      "invalid_argument",
      `${path} has ${file.sizeBytes} bytes, and may have ${mostBytes}.`,
    );
  }
  const bytes = new Uint8Array(file.sizeBytes);
  await file.read(bytes, 0);
  return new TextDecoder().decode(bytes);
}
