import { TinctError } from "../errors.ts";

const photoEndings = /\.(?:jpe?g|jpe|jfif|png|webp|tiff?|gif|avif)$/i;

/**
 * Checks the name of a photo that a client sends. Such a name becomes a path below the dataset's
 * folder, so nothing in it may lead out of there or mean something to a file system.
 *
 * @returns the parts of the path.
 * @throws {TinctError} invalid_argument.
 */
export function photoPathOf(fileName: string): string[] {
  const parts = fileName.split("/");
  const problem = problemOf(fileName, parts);
  if (problem === undefined) return parts;
  const shown = JSON.stringify(fileName.slice(0, 100));
  throw new TinctError("invalid_argument", `The file name ${shown} ${problem}.`, {
    violations: [{ field: "piece.fileName", description: problem }],
  });
}

function problemOf(fileName: string, parts: readonly string[]): string | undefined {
  if (fileName === "") return "is empty; every file needs a name in its first piece";
  if (Buffer.byteLength(fileName) > 1000) return "is longer than 1000 bytes";
  if (!fileName.isWellFormed()) return "is no valid Unicode";
  if (/\p{Cc}/u.test(fileName)) return "has a control character in it";
  if (fileName.includes("\\")) return 'has a backslash in it; part folders with "/"';
  if (/^[A-Za-z]:/.test(fileName)) return "begins like a Windows drive";
  if (fileName.startsWith("/")) return "is absolute; give it relative to the dataset";
  if (parts.includes("")) return "has an empty part";
  if (parts.some((part) => part === "." || part === "..")) return 'has a part "." or ".."';
  if (parts.some((part) => part.startsWith("."))) {
    return "has a part that begins with a dot; hidden files are not trained on";
  }
  if (parts.some((part) => Buffer.byteLength(part) > 240)) return "has a part past 240 bytes";
  if (parts.length > 16) return "has more than 16 parts";
  if (!photoEndings.test(fileName)) {
    return "does not end as photos do: .jpg, .png, .webp, .tiff, .gif or .avif";
  }
  return undefined;
}
