import { readFile } from "node:fs/promises";

/** Descriptors for all but connections: the database, uploads, workers' pipes, libraries. */
const OTHER_FILES = 128;

/** The soft limit of open files of this process; Infinity where it cannot be told. */
export async function maxOpenFiles(): Promise<number> {
  let text: string;
  try {
    text = await readFile("/proc/self/limits", "utf8");
  } catch {
    return Infinity; // no Linux, or /proc is not mounted: there is nothing to compare with
  }
  return openFilesOf(text);
}

/** The soft limit that a text of `/proc/PID/limits` tells. */
export function openFilesOf(text: string): number {
  const soft = /^Max open files\s+(\d+|unlimited)/m.exec(text)?.[1];
  return soft === undefined || soft === "unlimited" ? Infinity : Number(soft);
}

/**
 * How many connections there may be, and what to say where that is fewer than wanted.
 *
 * @param addresses at each of which there may be so many.
 */
export function connectionsWithin(
  maxConnections: number,
  openFiles: number,
  addresses = 1,
): { readonly maxConnections: number; readonly warning: string | undefined } {
  const room = Math.max(16, Math.floor((openFiles - OTHER_FILES) / addresses));
  if (maxConnections <= room) return { maxConnections, warning: undefined };
  const where = addresses === 1 ? "" : " at each address";
  return {
    maxConnections: room,
    warning:
      `--max-connections ${maxConnections} needs ${
        addresses * maxConnections + OTHER_FILES
      } open ` +
      `files, and this process may open ${openFiles}: ${room} connections are taken at a time` +
      `${where}. Raise the limit (\`ulimit -n\`, LimitNOFILE) or lower --max-connections.`,
  };
}
