import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { renderScene } from "../../src/scenes/scenes.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime, until } from "../in_time.ts";
import { libraryPath } from "../tensorflow/test_library.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The smallest training there is, with a checkpoint now and then. */
export const smallTraining = [
  ...["--size", "32", "--n-down", "5", "--ngf", "4", "--ndf", "4", "--n-layers", "2"],
  ...["--batch-size", "2", "--validate-every", "0", "--sample-every", "0", "--log-every", "1"],
  ...["--epochs", "1000000"],
];

/** A run of the program that is under way. */
interface RunningTinct {
  readonly child: ChildProcess;
  /** Waits until stderr or stdout matches. Fails when the program ends before. */
  until(pattern: RegExp): Promise<void>;
  /** How it ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; output: string }>;
}

/** A folder with photos, and runs of the program on them. */
export class ReplicaScene implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly #running = new Set<ChildProcess>();

  private constructor(folder: TemporaryFolder) {
    this.folder = folder;
  }

  /** Draws `count` photos. */
  static async create({ count = 24 } = {}): Promise<ReplicaScene> {
    const scene = new ReplicaScene(await TemporaryFolder.create());
    await scene.draw("photos", count);
    return scene;
  }

  /** Draws photos into a folder. */
  async draw(name: string, count: number): Promise<void> {
    await mkdir(this.path(name));
    for (let index = 0; index < count; index++) {
      const raw = { width: 32, height: 32, channels: 3 } as const;
      const picture = sharp(renderScene(index, { size: 32 }), { raw });
      await picture.png().toFile(this.path(`${name}/${index}.png`));
    }
  }

  path(name: string): string {
    return this.folder.join(name);
  }

  /** Starts `tinct train` on the photos; `run` is its `--out`, unless it is another replica's. */
  train(run: string | undefined, args: readonly string[], photos = "photos"): RunningTinct {
    const out = run === undefined ? [] : ["--out", this.path(run)];
    const words = ["train", "--data", this.path(photos), ...out, ...args];
    const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", main, ...words], {
      env: {
        ...process.env,
        TINCT_CACHE: this.path("cache"),
        TINCT_TENSORFLOW: dirname(libraryPath()),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#running.add(child);
    let output = "";
    const changed = new EventTarget();
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        changed.dispatchEvent(new Event("change"));
      });
    }
    const ended = once(child, "close").then(([code, signal]) => {
      this.#running.delete(child);
      changed.dispatchEvent(new Event("end"));
      return { code, signal, output };
    });
    const until = async (pattern: RegExp) => {
      while (!pattern.test(output)) {
        const more = new Promise<void>((resolve, reject) => {
          changed.addEventListener("change", () => resolve(), { once: true });
          changed.addEventListener("end", () => reject(new Error(output)), { once: true });
        });
        await inTime(more, `the program says ${pattern}, after:\n${output}`);
      }
    };
    return { child, until, ended };
  }

  /** The processes that work on this scene, by their command lines. Linux only. */
  async processes(): Promise<Map<number, string[]>> {
    const found = new Map<number, string[]>();
    for (const name of await readdir("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const line = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => ""); // it has ended
      if (line.includes(this.path("photos"))) found.set(Number(name), line.split("\0"));
    }
    return found;
  }

  /** The process of a replica that `--replicas` started. */
  async pidOf(rank: number): Promise<number> {
    for (const [pid, words] of await this.processes()) {
      const at = words.indexOf("--rank");
      if (at >= 0 && words[at + 1] === String(rank)) return pid;
    }
    throw new Error(`There is no process of rank ${rank}.`);
  }

  /** Waits until no process works on this scene any more. */
  async quiet(): Promise<void> {
    await until(async () => (await this.processes()).size === 0, "every process has ended");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    for (const pid of (await this.processes()).keys()) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        // it has ended by itself
      }
    }
    await this.folder[Symbol.asyncDispose]();
  }
}
