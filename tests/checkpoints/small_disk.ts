import { execFileSync } from "node:child_process";
import { mkdir } from "node:fs/promises";
import process from "node:process";

/** A file system of a few megabytes, mounted for a test. */
export class SmallDisk implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** Mounts one at a path; undefined where mounting is not permitted. */
  static async mount(path: string, sizeBytes: number): Promise<SmallDisk | undefined> {
    if (process.platform !== "linux" || process.getuid?.() !== 0) return undefined;
    await mkdir(path);
    try {
      const options = ["-t", "tmpfs", "-o", `size=${sizeBytes}`, "tmpfs", path];
      execFileSync("mount", options, { stdio: "ignore" });
    } catch {
      return undefined;
    }
    return new SmallDisk(path);
  }

  // deno-lint-ignore require-await
  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync("umount", [this.path], { stdio: "ignore" });
  }
}
