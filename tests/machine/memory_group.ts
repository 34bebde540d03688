import { existsSync } from "node:fs";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import process from "node:process";

/** A control group with a limit of memory, for a test's processes. */
export class MemoryGroup implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes one; undefined where that is not permitted. */
  static async create(limitBytes: number): Promise<MemoryGroup | undefined> {
    const isFirst = existsSync("/sys/fs/cgroup/memory");
    const root = isFirst ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
    const folder = `${root}/tinct-test-${process.pid}`;
    try {
      await mkdir(folder);
    } catch {
      return undefined;
    }
    const group = new MemoryGroup(folder);
    const limit = `${folder}/${isFirst ? "memory.limit_in_bytes" : "memory.max"}`;
    try {
      await writeFile(limit, `${limitBytes}`);
      if (Number(await readFile(limit, "utf8")) > 0) return group;
    } catch {
      // the group has no memory controller
    }
    await group[Symbol.asyncDispose]();
    return undefined;
  }

  /** A process that writes its id there is of the group. */
  get joinFile(): string {
    return `${this.#folder}/cgroup.procs`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rmdir(this.#folder);
  }
}
