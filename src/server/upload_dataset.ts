import { TinctError } from "../errors.ts";
import type { RefusedFile } from "../protocol/generated/tinct/v1/refused_file.ts";
import type { UploadDatasetRequest__Output } from "../protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse } from "../protocol/generated/tinct/v1/upload_dataset_response.ts";
import type { UploadPiece__Output } from "../protocol/generated/tinct/v1/upload_piece.ts";
import { memberOf } from "../protocol/one_of.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import { releaseBuffer } from "../protocol/release_buffer.ts";
import { counted } from "../words.ts";
import type { CallScope } from "../calls/call_scope.ts";
import type { ServerContext } from "./context.ts";
import { reportJson, uploadedDataset } from "./dataset_messages.ts";
import { Violations } from "../calls/fields.ts";
import { requireRoom } from "./free_room.ts";
import type { FolderListing } from "../datasets/list_folder.ts";
import type { IncomingFile, UploadFolder } from "../datasets/upload_folder.ts";
import { UploadQuota } from "../datasets/upload_quota.ts";
import { nothingUsable } from "../datasets/usable_photos.ts";

/** What all calls of UploadDataset share. */
interface Uploads {
  /** The names that calls upload to or delete; each adds and removes its own. */
  readonly busy: Set<string>;
  readonly quota: UploadQuota;
}

/** The uploads of a server that begins: none. */
export function noUploads(context: ServerContext): Uploads {
  const { maxUploadsGib } = context.settings;
  return { busy: new Set(), quota: new UploadQuota(maxUploadsGib, () => bytesOfAll(context)) };
}

/** One call of UploadDataset. */
export async function receiveDataset(
  context: ServerContext,
  { busy, quota }: Uploads,
  requests: AsyncIterableIterator<UploadDatasetRequest__Output>,
  scope: CallScope,
): Promise<UploadDatasetResponse> {
  const { store, datasets } = context;
  const first = await requests.next();
  const start = first.done ? undefined : memberOf(first.value, "part");
  if (start?.kind !== "start") throw misplaced("The first message of an upload must be `start`");
  const violations = new Violations(
    context.status.requests.violationsOf("tinct.v1.UploadStart", start.value, "start."),
  );
  violations.refuse();
  const name = start.value.dataset;
  const folder = datasets.upload(name);
  if (await datasets.placed(name) !== undefined) {
    throw new TinctError(
      "already_exists",
      `The dataset ${name} is a folder under the server's data root; upload under another name.`,
    );
  }
  if (busy.has(name)) throw inUse(name);
  busy.add(name);
  try {
    scope.fields["dataset"] = name;
    await requireRoom(context);
    const { maxDatasets, maxUnfinishedDatasets, maxUnfinishedPerClient } = context.settings;
    let dataset = await store.datasets.begin(name, {
      client: scope.client,
      limits: {
        all: maxDatasets,
        unfinished: maxUnfinishedDatasets,
        unfinishedPerClient: maxUnfinishedPerClient,
      },
    });
    await folder.prepare();
    await using upload = await Upload.begin(context, quota, { name, folder }, scope);
    let finished = false;
    for await (const message of requests) {
      const part = memberOf(message, "part");
      if (finished) throw misplaced("Nothing may follow `finish`");
      if (part?.kind === "piece") await upload.take(part.value);
      else if (part?.kind === "finish") finished = true;
      else throw misplaced("After `start` come pieces and `finish`");
    }
    upload.requireWhole();
    if (!finished) {
      const found = await context.listings.summary(folder.path, scope.signal);
      return { ...upload.counts(), dataset: uploadedDataset(dataset, found) };
    }
    await folder.tidy();
    const report = await context.workbench.inspect(folder.path, { signal: scope.signal });
    if (report.usablePhotos === 0) {
      throw nothingUsable(name, report);
    }
    const { files, sizeBytes } = await context.listings.summary(folder.path, scope.signal);
    dataset = await store.datasets.finish(name, {
      photoCount: files,
      sizeBytes,
      grayCount: report.grayPhotos,
      brokenCount: report.brokenPhotos,
    }, reportJson(report));
    return { ...upload.counts(), dataset: uploadedDataset(dataset), report };
  } finally {
    busy.delete(name);
  }
}

/** Where the files of a call go. */
interface Target {
  readonly name: string;
  readonly folder: UploadFolder;
}

/** The files of one call, one after the other. */
class Upload implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #quota: UploadQuota;
  readonly #name: string;
  readonly #folder: UploadFolder;
  readonly #scope: CallScope;
  readonly #refused: RefusedFile[] = [];
  #received = 0;
  /** The sizes of the files that are there whole. */
  readonly #known: Map<string, number>;
  /** All of them together. */
  #totalBytes: number;
  /** The file that is arriving; undefined `incoming`: it was refused, its rest is passed over. */
  #current:
    | { readonly first: UploadPiece__Output; readonly incoming: IncomingFile | undefined }
    | undefined;

  private constructor(
    context: ServerContext,
    quota: UploadQuota,
    { name, folder }: Target,
    scope: CallScope,
    { names, sizes, sizeBytes }: FolderListing,
  ) {
    this.#context = context;
    this.#quota = quota;
    this.#name = name;
    this.#folder = folder;
    this.#scope = scope;
    this.#known = new Map(names.map((name, index) => [name, sizes[index] ?? 0]));
    this.#totalBytes = sizeBytes;
  }

  /** Counts what is there from calls before. */
  static async begin(
    context: ServerContext,
    quota: UploadQuota,
    target: Target,
    scope: CallScope,
  ): Promise<Upload> {
    const listing = await context.listings.list(target.folder.path, scope.signal);
    await quota.open(target.name, listing.sizeBytes);
    return new Upload(context, quota, target, scope, listing);
  }

  async take(piece: UploadPiece__Output): Promise<void> {
    if (piece.data.length > MAX_PIECE_BYTES) {
      throw misplaced(
        `A piece may have ${MAX_PIECE_BYTES} bytes, not ${piece.data.length}`,
        "piece.data",
      );
    }
    if (this.#current === undefined) {
      if (piece.fileName === "") {
        throw misplaced("The first piece of a file must name it", "piece.file_name");
      }
      this.#current = { first: piece, incoming: await this.#open(piece) };
    } else if (piece.fileName !== "") {
      const { fileName } = this.#current.first;
      throw misplaced(`${show(piece.fileName)} began before the last piece of ${show(fileName)}`);
    }
    const { first, incoming } = this.#current;
    if (incoming !== undefined) await this.#write(first, incoming, piece);
    if (piece.last) this.#current = undefined;
  }

  requireWhole(): void {
    if (this.#current === undefined) return;
    throw misplaced(`The call ended in the middle of ${show(this.#current.first.fileName)}`);
  }

  counts(): { filesReceived: number; refused: RefusedFile[] } {
    return { filesReceived: this.#received, refused: this.#refused };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.incoming?.[Symbol.asyncDispose]();
    this.#quota.reserve(this.#name, this.#totalBytes);
  }

  async #open(piece: UploadPiece__Output): Promise<IncomingFile | undefined> {
    const { settings } = this.#context;
    try {
      if (piece.sha256.length !== 0 && piece.sha256.length !== 32) {
        throw new TinctError("invalid_argument", "A SHA-256 has 32 bytes.");
      }
      await requireRoom(this.#context);
      const incoming = await this.#folder.begin(piece.fileName);
      if (!this.#known.has(piece.fileName) && this.#known.size >= settings.maxDatasetPhotos) {
        await incoming[Symbol.asyncDispose]();
        throw new TinctError(
          "resource_exhausted",
          `A dataset may have ${counted(settings.maxDatasetPhotos, "photo")}; begin another.`,
          { kind: "TOO_LARGE", retryDelayMs: Infinity },
        );
      }
      return incoming;
    } catch (error) {
      this.#refuse(piece, error);
      return undefined;
    }
  }

  async #write(
    first: UploadPiece__Output,
    incoming: IncomingFile,
    piece: UploadPiece__Output,
  ): Promise<void> {
    const { maxPhotoMib, maxDatasetGib } = this.#context.settings;
    try {
      const fileBytes = incoming.sizeBytes + piece.data.length;
      if (fileBytes > maxPhotoMib * 2 ** 20) {
        throw new TinctError("invalid_argument", `The file has more than ${maxPhotoMib} MiB.`);
      }
      // The file that it replaces stays until this one is whole.
      const before = this.#known.get(first.fileName) ?? 0;
      const totalBytes = this.#totalBytes - before + fileBytes;
      if (totalBytes > maxDatasetGib * 2 ** 30) {
        const message = `A dataset may have ${maxDatasetGib} GiB; begin another.`;
        throw new TinctError("resource_exhausted", message, {
          kind: "TOO_LARGE",
          retryDelayMs: Infinity,
        });
      }
      this.#quota.reserve(this.#name, Math.max(totalBytes, this.#totalBytes));
      await incoming.write(piece.data);
      releaseBuffer(piece.data);
      if (!piece.last) return;
      await incoming.keep(first);
      await incoming[Symbol.asyncDispose]();
      this.#known.set(first.fileName, incoming.sizeBytes);
      this.#totalBytes = totalBytes;
      this.#quota.reserve(this.#name, totalBytes);
      this.#received++;
    } catch (error) {
      await incoming[Symbol.asyncDispose]();
      this.#quota.reserve(this.#name, this.#totalBytes);
      this.#current = { first, incoming: undefined };
      this.#refuse(first, error);
    }
  }

  /** Notes a file that is at fault itself; anything else ends the call. */
  #refuse({ fileName }: UploadPiece__Output, error: unknown): void {
    const isItsOwn = error instanceof TinctError &&
      (error.code === "invalid_argument" || error.code === "data_loss");
    if (!isItsOwn) throw error;
    if (this.#refused.length >= 1000) return;
    // What a client sent wrong is no loss of the server's data.
    const own = new TinctError("invalid_argument", error.message, {
      violations: error.violations,
    });
    const fault = this.#context.status.faultOf(own, this.#scope.fields, "piece");
    this.#refused.push({ fileName: fileName.slice(0, 1000), fault });
  }
}

/** Bytes of every uploaded dataset. */
async function bytesOfAll(
  { store, datasets, listings }: ServerContext,
): Promise<Map<string, number>> {
  const bytes = new Map<string, number>();
  const { signal } = new AbortController(); // all uploads wait for it
  for (let pageToken = "";;) {
    const page = await store.datasets.list({ pageSize: 1000, pageToken });
    for (const { name, state, sizeBytes } of page.datasets) {
      const isReady = state === "READY";
      const folder = datasets.upload(name).path;
      bytes.set(name, isReady ? sizeBytes : (await listings.summary(folder, signal)).sizeBytes);
    }
    pageToken = page.nextPageToken;
    if (pageToken === "") return bytes;
  }
}

/** A dataset that a call uploads to or deletes is left alone by others. */
export function inUse(name: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `Another call uploads to the dataset ${name} or deletes it; wait until it has ended.`,
  );
}

function show(fileName: string): string {
  return JSON.stringify(fileName.slice(0, 100));
}

function misplaced(what: string, field = "part"): TinctError {
  return new TinctError("invalid_argument", `${what}.`, {
    violations: [{ field, description: `is invalid: ${what}` }],
  });
}
