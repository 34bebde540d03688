import process from "node:process";

/**
 * Makes writing past the limit on a file's size (`ulimit -f`, LimitFSIZE) an error of that write, EFBIG,
 * which counts as a full disk. Without it the system ends the process by SIGXFSZ, and nobody learns
 * why. Every process of the program calls this first; it does not keep the process alive.
 */
export function surviveFileSizeLimit(): void {
  if (process.platform !== "win32") process.on("SIGXFSZ", () => {});
}
