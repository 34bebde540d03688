import { chmod, chown, readFile, realpath, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { lockFolder } from "../files/folder_lock.ts";
import { readingError, systemErrorName } from "../files/file_errors.ts";
import { TinctError } from "../errors.ts";
import { parseAccessFile, type TokenEntry } from "./access_file.ts";

/** What stands in an access file, other fields and entries that fit included. */
interface AccessFileContent {
  readonly tokens?: readonly TokenEntry[];
}

/**
 * The tokens of an access file; none where there is no file.
 *
 * @throws {TinctError} invalid_argument: what no server would read; permission_denied.
 */
export async function readTokens(path: string): Promise<readonly TokenEntry[]> {
  return (await read(path, path)).tokens ?? [];
}

/**
 * Puts other tokens in an access file, which a running server reads anew. What else stands in it stays,
 * and so do its mode and owner, or that server could not read it any more; a new one is its maker's
 * alone. Changes made at the same time wait for one another.
 *
 * @param change gets the tokens, and gives those that are to be there.
 * @param options `onWait`: called where another process keeps this one waiting; `signal` ends the wait.
 * @throws {TinctError} what `change` throws; as `readTokens` and `lockFolder`; permission_denied.
 */
export async function changeTokens(
  path: string,
  change: (tokens: readonly TokenEntry[]) => readonly TokenEntry[],
  options: { onWait?: () => void; signal?: AbortSignal } = {},
): Promise<void> {
  // Where the path is a link, the file that it leads to is replaced, not the link.
  const place = await realpath(path).catch(() => path);
  using _lock = await lockFolder(dirname(place), options);
  const before = await read(place, path);
  const tokens = change(before.tokens ?? []);
  const text = `${JSON.stringify({ ...before, tokens }, null, 2)}\n`;
  parseAccessFile(text, path);
  const replaced = await stat(place).catch(() => undefined);
  await writeFileAtomically(place, text, {
    beforeRename: async (written) => {
      const mode = replaced === undefined ? 0o600 : replaced.mode & 0o777;
      await chmod(written, mode);
      const made = await stat(written);
      if (replaced === undefined) return;
      if (made.uid === replaced.uid && made.gid === replaced.gid) return;
      try {
        await chown(written, replaced.uid, replaced.gid);
        await chmod(written, mode); // which chown may have changed
      } catch (cause) {
        throw new TinctError(
          "permission_denied",
          `${path} belongs to user ${replaced.uid} and group ${replaced.gid}, to whom the changed ` +
            "file cannot be given: run this command as that user.",
          { cause },
        );
      }
    },
  });
}

/** @param shownAs the path that errors name. */
async function read(path: string, shownAs: string): Promise<AccessFileContent> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (systemErrorName(error) === "ENOENT") return {};
    throw readingError(shownAs, error);
  }
  parseAccessFile(text, shownAs);
  return JSON.parse(text);
}
