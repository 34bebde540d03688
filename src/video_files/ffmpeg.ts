import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { basename, resolve } from "node:path";
import { onAbort, unlessAborted } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { shown } from "../shown.ts";

/** Words of a program that ended badly, characters at most. */
const MAX_WORDS = 2000;

/** What it says where the disk is full, with which it may end as if all were well. */
const DISK_FULL = /No space left on device|Disk quota exceeded|File too large/;

/** A file by a name that is nothing else to ffmpeg, as "-" and "a:b" are. */
export const fileUrl = (path: string) => `${FILE_SCHEME}${resolve(path)}`;

const FILE_SCHEME = "file:";

/** One of ffmpeg's programs at work. It is killed with its signal, and when it is disposed of. */
export class FfmpegProcess implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** What it did, for errors, such as "reading old.mp4". */
  readonly #what: string;
  /** The files that it is given, as it calls them. */
  readonly #urls: readonly string[];
  readonly #ended: Promise<void>;
  /** Aborted at its end, with what is told to those who write to it still. */
  readonly #over = new AbortController();
  #words = "";
  #isKilled = false;

  /**
   * Starts it.
   *
   * @param options `what`: for errors, such as "reading old.mp4"; `folder`: where it works, by default
   *   where this process does; `onLine`: takes a line of its words, and says whether it was for it;
   *   others explain a failure.
   */
  constructor(
    program: "ffmpeg" | "ffprobe",
    args: readonly string[],
    { what, folder, onLine = () => false, signal }: {
      readonly what: string;
      readonly folder?: string | undefined;
      readonly onLine?: (line: string) => boolean;
      readonly signal: AbortSignal;
    },
  ) {
    signal.throwIfAborted();
    this.#what = what;
    this.#urls = args.filter((arg) => arg.startsWith(FILE_SCHEME));
    // Ctrl-C on a terminal is this process's alone: a program that gets it, too, fails of it first.
    this.child = spawn(program, args, {
      cwd: folder,
      detached: true,
      stdio: ["pipe", "pipe", "pipe"],
    });
    const { stdin, stdout } = this.child;
    stdin.on("error", () => {}); // its end says why
    stdout.on("error", () => {}); // of who stops reading
    const listening = onAbort(signal, () => this.#kill());
    this.#readWords(onLine);
    this.#ended = new Promise<void>((resolve, reject) => {
      this.child.once(
        "error",
        (error: NodeJS.ErrnoException) =>
          reject(error.code === "ENOENT" ? missing(program) : error),
      );
      this.child.once("close", (code) => {
        if (signal.aborted) reject(signal.reason);
        else if (this.#isKilled || code === 0 && !DISK_FULL.test(this.#words)) resolve();
        else reject(this.#failure(program));
      });
    }).finally(() => listening[Symbol.dispose]());
    // A failure is told to those who wait for it, too.
    this.#ended.then(() => this.#endedEarly(), (error) => error)
      .then((why) => this.#over.abort(why));
  }

  /** Waits until it has ended by itself. @throws {TinctError} why it could not do its work. */
  async end(): Promise<void> {
    await this.#ended;
  }

  /** Writes to it as soon as it takes more. @throws {TinctError} as `end`. */
  async write(bytes: Uint8Array): Promise<void> {
    const { stdin } = this.child;
    if (stdin.write(bytes)) return;
    const drained = Promise.withResolvers<void>();
    stdin.once("drain", drained.resolve);
    // A race with the end itself would leave something with it for every frame.
    await unlessAborted(drained.promise, this.#over.signal);
    stdin.removeListener("drain", drained.resolve);
  }

  /** Kills it where it is still there, and waits until it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill();
    await this.#ended.catch(() => {});
  }

  #kill(): void {
    this.child.stdout.resume(); // it is gone when what it wrote is read
    if (this.child.exitCode !== null) return;
    this.#isKilled = true;
    this.child.kill("SIGKILL");
  }

  #endedEarly(): TinctError {
    return new TinctError("internal", `ffmpeg ended early while ${this.#what}.`);
  }

  #readWords(onLine: (line: string) => boolean): void {
    let rest = "";
    this.child.stderr.setEncoding("utf8");
    this.child.stderr.on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!.slice(-MAX_WORDS);
      for (const line of lines) {
        if (!onLine(line)) this.#words = `${this.#words}\n${line}`.slice(-MAX_WORDS);
      }
    });
    this.child.stderr.on("end", () => this.#words = `${this.#words}\n${rest}`.slice(-MAX_WORDS));
  }

  #failure(program: string): TinctError {
    // A person gave the files by shorter paths than these.
    const words = this.#urls.reduce(
      (text, url) => text.replaceAll(url, basename(url)),
      this.#words,
    );
    const last = words.trim().split("\n").slice(-3).map((line) => shown(line.trim()));
    return new TinctError(
      DISK_FULL.test(this.#words) ? "resource_exhausted" : "invalid_argument",
      `${program} failed while ${this.#what}: ${last.join(" ") || "it did not say why"}`,
    );
  }
}

/** What one of ffmpeg's programs prints. @throws {TinctError} why it could not do its work. */
export async function outputOf(
  program: "ffmpeg" | "ffprobe",
  args: readonly string[],
  options: {
    readonly what: string;
    readonly folder?: string | undefined;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  await using running = new FfmpegProcess(program, args, options);
  running.child.stdin.end();
  running.child.stdout.setEncoding("utf8");
  let text = "";
  running.child.stdout.on("data", (more: string) => text += more);
  await running.end();
  return text;
}

function missing(program: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `Videos are read and written by ffmpeg 5.1 or newer, and there is no ${program} on the PATH. ` +
      "Install it: `apt install ffmpeg` (Debian, Ubuntu), `dnf install ffmpeg` (Fedora), or from " +
      "https://ffmpeg.org/download.html.",
    { kind: "NO_FFMPEG" },
  );
}
