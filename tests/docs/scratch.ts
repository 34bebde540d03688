import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import process from "node:process";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { inTime } from "../in_time.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { clone } from "./documents.ts";

/** How a command ended. */
interface Ending {
  readonly code: number | null;
  /** Both streams. */
  readonly output: string;
}

/** A command that is under way. */
interface Running {
  /** Waits until its output matches. @throws where it ends before. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Has it end by SIGTERM. */
  stop(): void;
  readonly ended: Promise<Ending>;
}

/**
 * A folder in which the commands of the documents can be run as they stand: what they call PHOTOS,
 * FILE and so on is there by just these names, `deno task` runs the clone's tasks, and `npx` this Deno.
 */
export class Scratch implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly #tasks: Readonly<Record<string, string>>;
  readonly #running = new Set<() => void>();

  private constructor(folder: TemporaryFolder, tasks: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#tasks = tasks;
  }

  static async create(): Promise<Scratch> {
    const { tasks }: { tasks: Record<string, string> } = JSON.parse(
      await readFile(join(clone, "deno.json"), "utf8"),
    );
    const scratch = new Scratch(await TemporaryFolder.create(), tasks);
    const photos = join(clone, "tests", "testdata", "photos");
    for (const name of ["PHOTOS", "FOLDER", "old", "DIR/photos/holidays"]) {
      await cp(photos, scratch.path(name), { recursive: true });
      await rm(scratch.path(name, "README.md"));
    }
    // Only what every command of colorizing is to take.
    for (const name of await readdir(scratch.path("old"))) {
      if (!/^(?:cat|gray)\.jpg$/.test(name)) await rm(scratch.path("old", name));
    }
    for (const name of ["GRAY.jpg", "gray.jpg"]) {
      await cp(join(photos, "gray.jpg"), scratch.path(name));
    }
    for (const name of ["server.crt", "server.key"]) {
      await cp(join(clone, "tests", "testdata", "tls", name), scratch.path(name));
    }
    for (const name of ["protos", "tests"]) await symlink(join(clone, name), scratch.path(name));
    await cp(join(clone, "examples"), scratch.path("examples"), { recursive: true });
    await scratch.#installPrograms();
    return scratch;
  }

  /** `deno` with the tasks of the clone, which run here, and `npx` for that Deno. */
  async #installPrograms(): Promise<void> {
    const deno = Deno.execPath();
    const cases = Object.entries(this.#tasks).map(([name, task]) => {
      const there = task.replace(
        /^deno run -A (?=src\/)/,
        `'${deno}' run -A --no-check '${clone}'/`,
      );
      return `${name}) shift 2; exec ${there} "$@" ;;`;
    });
    await mkdir(scratchBin(this));
    const programs = {
      deno: [
        `[[ "$1 $2" != "task -q" ]] || set -- task "\${@:3}"`,
        `[[ $1 == task ]] && case $2 in`,
        ...cases,
        "esac",
        `exec '${deno}' "$@"`,
      ],
      npx: [`[[ "$1 $2" == "-y deno@${Deno.version.deno}" ]] || exit 127`, `shift 2`, `deno "$@"`],
    };
    for (const [name, lines] of Object.entries(programs)) {
      const path = join(scratchBin(this), name);
      await writeFile(path, ["#!/usr/bin/env bash", ...lines, ""].join("\n"));
      await chmod(path, 0o755);
    }
  }

  /** A path in the folder. */
  path(...names: string[]): string {
    return this.#folder.join(...names);
  }

  /** What differs from this process's environment. */
  get #environment(): Record<string, string | undefined> {
    return {
      PATH: `${scratchBin(this)}:${process.env["PATH"]}`,
      TINCT_TENSORFLOW: dirname(libraryPath()),
      TINCT_CACHE: this.path("cache"),
      TINCT_DEBUG: undefined,
      NO_COLOR: "1",
    };
  }

  /**
   * Runs a command to its end. One that only names a task of Tinct's own program, and words for it, runs
   * in a process that has run others before, with the words that bash makes of it and what the task
   * says; any other runs in bash.
   */
  async run(command: string): Promise<Ending> {
    const [, name = ""] = /^deno task (\w+)(?: [^&|;<>$`'"\\]*)?$/.exec(command) ?? [];
    const [, task] = /^deno run -A src\/cli\/main\.ts(.*)$/.exec(this.#tasks[name] ?? "") ?? [];
    if (task === undefined) return await this.start(command).ended;
    const words = command.replace(`deno task ${name}`, `printf '%s\\0'${task}`);
    const { output } = await this.start(words).ended;
    const { code, stdout, stderr } = await runKeptTinct(output.split("\0").slice(0, -1), {
      environment: this.#environment,
      folder: this.#folder.path,
    });
    return { code: code ?? null, output: stderr + stdout };
  }

  /** Starts a command in bash. @param environment is added to this process's. */
  start(command: string, environment: Readonly<Record<string, string>> = {}): Running {
    const child = spawn("bash", ["-c", command], {
      cwd: this.#folder.path,
      // A group of its own, so that what bash starts ends with it.
      detached: true,
      env: { ...process.env, ...this.#environment, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "", isOver = false;
    const changed = new EventTarget();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        changed.dispatchEvent(new Event("change"));
      });
    }
    const signal = (name: "SIGTERM" | "SIGKILL") => {
      if (!isOver && child.pid !== undefined) process.kill(-child.pid, name);
    };
    const kill = () => signal("SIGKILL");
    this.#running.add(kill);
    const ended = once(child, "close").then(([code]) => {
      isOver = true;
      this.#running.delete(kill);
      changed.dispatchEvent(new Event("change"));
      return { code, output };
    });
    const until = async (pattern: RegExp) => {
      for (;;) {
        const found = pattern.exec(output);
        if (found !== null) return found;
        if (isOver) throw new Error(`${command} ended without ${pattern}:\n${output}`);
        const more = new Promise<void>((resolve) =>
          changed.addEventListener("change", () => resolve(), { once: true })
        );
        await inTime(more, `${command} says ${pattern}, after:\n${output}`);
      }
    };
    return { until, ended, stop: () => signal("SIGTERM") };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const kill of this.#running) kill();
    await this.#folder[Symbol.asyncDispose]();
  }
}

const scratchBin = (scratch: Scratch) => scratch.path("bin");
