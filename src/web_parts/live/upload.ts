import { call, CallError } from "../contract/calls.ts";
import type { DatasetReport, Long } from "../contract/messages.ts";
import { type Piece, PIECE_BYTES, uploadPieces } from "../contract/upload_pieces.ts";
import type { GivenFile } from "../parts/dropped_files.ts";
import { num } from "../words.ts";
import { noteHeard, noteLost, untilRetry } from "./connection.ts";

/** A call sends at least and at most about so much, and so many files. */
const MIN_CALL_BYTES = 64 * 1024, MAX_CALL_BYTES = 4 * 2 ** 20, MAX_CALL_FILES = 500;
/** A call is to take about so long: what has arrived is known only when it has ended. */
const SHORT_MS = 400, LONG_MS = 1500;
/** The rate is that of so many ms. */
const RATE_MS = 10_000;
/** How long the server may look at the photos at the end, in ms. */
const FINISH_MS = 3_600_000;
/** So often a file that does not have its SHA-256, or another call in the way, is tried again. */
const MOST_TRIES = 20;

/** What files of photos end with. */
const photoEndings = /\.(?:jpe?g|jpe|jfif|png|webp|tiff?|gif|avif)$/i;

/** What is at fault with a file, and how it is called. */
export interface BadFile {
  readonly name: string;
  readonly message: string;
}

/** What can be sent of the files that a person gave, and what not. */
export interface Sorted {
  readonly files: readonly GivenFile[];
  readonly bad: readonly BadFile[];
}

/** Tells photos from other files. @param maxBytes of a photo. */
export function sortFiles(given: readonly GivenFile[], maxBytes: number): Sorted {
  const files = new Map<string, GivenFile>();
  const bad: BadFile[] = [];
  for (const each of given) {
    const { name, file } = each;
    // Systems' own, such as .DS_Store; nobody means them.
    if (name.split("/").some((part) => part.startsWith(".")) || /(?:^|\/)Thumbs\.db$/.test(name)) {
      continue;
    }
    if (!photoEndings.test(name)) {
      bad.push({ name, message: "is not read: photos are JPEG, PNG, WebP, TIFF, GIF or AVIF" });
    } else if (file.size > maxBytes) {
      bad.push({ name, message: `has more than ${Math.floor(maxBytes / 2 ** 20)} MiB` });
    } else if (file.size === 0) bad.push({ name, message: "is empty" });
    else if (files.has(name)) bad.push({ name, message: "has the name of another file" });
    else files.set(name, each);
  }
  return { files: [...files.values()], bad };
}

/** A file on its way. */
interface Sent extends GivenFile {
  /** Where it goes on. */
  at: number;
  /** Whether it was begun by calls of another upload, and may then be another file. */
  isResumed: boolean;
}

/** Photos on their way into a dataset; goes on when the connection is back, or from another page. */
export class Upload {
  state: "sending" | "waiting" | "stopped" | "finishing" | "done" | "failed" = "sending";
  readonly bad: BadFile[];
  readonly totalBytes: number;
  /** Bytes and files that are there, with those that were before. */
  doneBytes = 0;
  doneFiles = 0;
  /** Files that were there whole before this page sent any; undefined: not looked up yet. */
  foundFiles: number | undefined;
  report: DatasetReport | undefined;
  /** What ended it; its violations are of the name. */
  error: CallError | undefined;
  #ending = new AbortController();
  #left: Sent[] = [];
  /** Whether the server was asked to complete the dataset. */
  #hasFinished = false;
  #callBytes = 8 * MIN_CALL_BYTES;
  readonly #rates: { readonly atMs: number; readonly bytes: number }[] = [];

  constructor(
    readonly dataset: string,
    readonly files: readonly GivenFile[],
    bad: readonly BadFile[],
    readonly onChange: () => void,
  ) {
    this.bad = [...bad];
    this.totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
  }

  /** Bytes a second; undefined where too little was sent. */
  get rate(): number | undefined {
    const [first, last] = [this.#rates[0], this.#rates.at(-1)];
    if (!first || !last || last.atMs - first.atMs < SHORT_MS) return undefined;
    return 1000 * (last.bytes - first.bytes) / (last.atMs - first.atMs);
  }

  /** Whether it is at work. */
  get isActive(): boolean {
    return this.state === "sending" || this.state === "waiting" || this.state === "finishing";
  }

  /** Stops; what has arrived stays on the server. */
  stop(): void {
    this.#ending.abort();
    this.#become("stopped");
  }

  /** Sends, and after a stop goes on. */
  async run(): Promise<void> {
    const ending = this.#ending = new AbortController();
    this.error = undefined;
    this.#become("sending");
    let tries = 0;
    while (!ending.signal.aborted) {
      try {
        await this.#lookUp(ending.signal);
        while (this.#left.length > 0) {
          await this.#send(ending.signal);
          tries = 0;
        }
        await this.#finish(ending.signal);
        return;
      } catch (error) {
        if (ending.signal.aborted) return;
        const failure = error instanceof CallError ? error : new CallError("unknown", `${error}`);
        // After a cut call the server may be busy with it for a while yet.
        const isBusy = failure.code === "failed_precondition" && this.state !== "finishing";
        if (!failure.isPassing && !(isBusy && tries++ < MOST_TRIES)) {
          if (
            failure.code === "already_exists" &&
            await this.#isDone(ending.signal).catch(() => false)
          ) return;
          this.error = failure;
          return this.#become("failed");
        }
        if (failure.code === "unavailable") noteLost();
        this.#rates.length = 0;
        this.#become("waiting");
        await untilRetry(1000, ending.signal);
      }
    }
  }

  /** Finds out what is there. */
  async #lookUp(signal: AbortSignal): Promise<void> {
    const there = await filesOf(this.dataset, signal);
    const where = await this.#ask(uploadPieces(this.dataset, [], 0, signal));
    const isBad = new Set(this.bad.map(({ name }) => name));
    const isThere = ({ name, file }: GivenFile) => there.get(name) === file.size;
    this.#left = this.files.filter((each) => !isThere(each) && !isBad.has(each.name))
      .map((each) => ({ ...each, at: 0, isResumed: false }));
    const begun = this.#left.find(({ name, file }) =>
      name === where.fileName && where.receivedBytes <= file.size
    );
    if (begun) {
      begun.at = where.receivedBytes;
      begun.isResumed = true;
      this.#left = [begun, ...this.#left.filter((each) => each !== begun)];
    }
    this.#count();
    this.foundFiles ??= this.doneFiles;
    this.#become("sending");
  }

  /** Sends some pieces, and takes what became of them. */
  async #send(signal: AbortSignal): Promise<void> {
    const pieces: Piece[] = [];
    const sent: { readonly each: Sent; readonly to: number }[] = [];
    let room = this.#callBytes;
    for (const each of this.#left.slice(0, MAX_CALL_FILES)) {
      if (room <= 0) break;
      let at = each.at;
      try {
        const sha256 = at === 0 ? await digest(each.file) : undefined;
        // A file that cannot be read would make the whole call fail, without a word why.
        await each.file.slice(0, 1).arrayBuffer();
        while (room > 0 && at < each.file.size) {
          const end = Math.min(at + Math.min(PIECE_BYTES, room), each.file.size);
          const head = { fileName: each.name, sizeBytes: each.file.size, sha256 };
          pieces.push({
            ...(at === 0 && { head }),
            data: each.file.slice(at, end),
            last: end === each.file.size,
          });
          room -= end - at;
          at = end;
        }
        // All of it is there, but for its last piece.
        if (each.at === each.file.size) pieces.push({ data: new Blob(), last: true });
        sent.push({ each, to: at });
      } catch {
        this.#refuse(each, "cannot be read: it was changed or removed since it was chosen");
      }
    }
    const offset = sent[0]?.each.at ?? 0;
    if (pieces.length === 0) return this.#count();
    const startMs = performance.now();
    const answer = await this.#ask(uploadPieces(this.dataset, pieces, offset, signal));
    const tookMs = performance.now() - startMs;
    if (tookMs < SHORT_MS) this.#callBytes = Math.min(2 * this.#callBytes, MAX_CALL_BYTES);
    if (tookMs > LONG_MS) this.#callBytes = Math.max(this.#callBytes / 2, MIN_CALL_BYTES);
    const whole = new Set<Sent>();
    const refusals = new Map(answer.refused.map(({ fileName, message }) => [fileName, message]));
    for (const { each, to } of sent) {
      const refusal = refusals.get(each.name);
      if (refusal !== undefined) {
        // Another file of its name was begun; this one is sent whole.
        if (each.isResumed) Object.assign(each, { at: 0, isResumed: false });
        else this.#refuse(each, refusal);
      } else if (to < each.file.size) each.at = to;
      else whole.add(each);
    }
    this.#left = this.#left.filter((each) => !whole.has(each));
    this.#count();
    this.#become("sending");
  }

  /** Completes the dataset. */
  async #finish(signal: AbortSignal): Promise<void> {
    if (this.doneFiles === 0) throw new CallError("invalid_argument", "No photo has arrived.");
    this.#become("finishing");
    this.#hasFinished = true;
    const request = { dataset: this.dataset, finish: true };
    const { report } = await this.#ask(
      call<{ report?: DatasetReport }>("DatasetService/UploadPieces", request, signal, FINISH_MS),
    );
    this.report = report;
    this.#become("done");
  }

  /** Whether the dataset is complete since the call that completed it, whose answer was lost. */
  async #isDone(signal: AbortSignal): Promise<boolean> {
    if (!this.#hasFinished) return false;
    const { report } = await call<{ report?: DatasetReport }>(
      "DatasetService/GetDataset",
      { dataset: this.dataset },
      signal,
    );
    this.report = report;
    this.#become("done");
    return true;
  }

  async #ask<Answer>(asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    noteHeard();
    return answer;
  }

  #refuse(each: Sent, message: string): void {
    this.bad.push({ name: each.name, message });
    this.#left = this.#left.filter((other) => other !== each);
  }

  #count(): void {
    const leftBytes = this.#left.reduce((sum, { file, at }) => sum + file.size - at, 0);
    const isBad = new Set(this.bad.map(({ name }) => name));
    const refused = this.files.filter(({ name }) => isBad.has(name));
    this.doneBytes = this.totalBytes - leftBytes -
      refused.reduce((sum, { file }) => sum + file.size, 0);
    this.doneFiles = this.files.length - this.#left.length - refused.length;
    const atMs = performance.now();
    this.#rates.push({ atMs, bytes: this.doneBytes });
    while ((this.#rates[0]?.atMs ?? atMs) < atMs - RATE_MS) this.#rates.shift();
  }

  #become(state: Upload["state"]): void {
    if (this.#ending.signal.aborted && state !== "stopped") return;
    this.state = state;
    this.onChange();
  }
}

/** The files that a dataset has whole, with their sizes. */
async function filesOf(dataset: string, signal: AbortSignal): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  for (let pageToken = "";;) {
    try {
      const page = await call<{
        files?: readonly { fileName: string; sizeBytes?: Long }[];
        nextPageToken?: string;
      }>("DatasetService/ListDatasetFiles", { dataset, pageToken }, signal);
      for (const { fileName, sizeBytes } of page.files ?? []) sizes.set(fileName, num(sizeBytes));
      pageToken = page.nextPageToken ?? "";
      if (pageToken === "") return sizes;
    } catch (error) {
      // Not there yet; or the token may not look, and all is sent.
      const isNone = error instanceof CallError &&
        (error.code === "not_found" || error.code === "permission_denied");
      if (isNone) return sizes;
      throw error;
    }
  }
}

/** The SHA-256 of a file; undefined where the browser has none, as over plain HTTP from elsewhere. */
async function digest(file: File): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  return subtle && new Uint8Array(await subtle.digest("SHA-256", await file.arrayBuffer()));
}
