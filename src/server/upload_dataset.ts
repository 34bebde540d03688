import { TinctError } from "../errors.ts";
import type { Dataset as DatasetMessage } from "../protocol/generated/tinct/v1/dataset.ts";
import type { DatasetReport } from "../protocol/generated/tinct/v1/dataset_report.ts";
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
import { ExclusiveNames } from "../leases/exclusive_names.ts";
import type { HeldLease } from "../leases/held_lease.ts";
import { requireRoom } from "./free_room.ts";
import { KeptUploads } from "./kept_uploads.ts";
import type { FolderListing } from "../datasets/list_folder.ts";
import type { IncomingFile, UploadFolder } from "../datasets/upload_folder.ts";
import { UploadQuota } from "../datasets/upload_quota.ts";
import { nothingUsable } from "../datasets/usable_photos.ts";

/** What all calls of UploadDataset and UploadPieces share. */
export interface Uploads {
  /** The names that calls upload to or delete. */
  readonly names: ExclusiveNames;
  readonly quota: UploadQuota;
  /** Uploads that the next call of UploadPieces goes on with. */
  readonly kept: KeptUploads<Upload>;
}

/** The uploads of a server that begins: none. */
export function noUploads(context: ServerContext): Uploads {
  const { store, settings: { maxUploadsGib } } = context;
  return {
    names: new ExclusiveNames(store, "dataset", inUse),
    quota: new UploadQuota(maxUploadsGib, () => bytesOfAll(context), { isShared: store.isShared }),
    kept: new KeptUploads(),
  };
}

/** One call of UploadDataset. */
export async function receiveDataset(
  context: ServerContext,
  uploads: Uploads,
  requests: AsyncIterableIterator<UploadDatasetRequest__Output>,
  scope: CallScope,
): Promise<UploadDatasetResponse> {
  const first = await requests.next();
  const start = first.done ? undefined : memberOf(first.value, "part");
  if (start?.kind !== "start") throw misplaced("The first message of an upload must be `start`");
  const violations = new Violations(
    context.status.requests.violationsOf("tinct.v1.UploadStart", start.value, "start."),
  );
  violations.refuse();
  const name = start.value.dataset;
  return await alone(context, uploads, name, scope, async (lease) => {
    await uploads.kept.drop(name);
    await using upload = await openUpload(context, uploads, name, scope);
    let finished = false;
    for await (const message of requests) {
      const part = memberOf(message, "part");
      if (finished) throw misplaced("Nothing may follow `finish`");
      lease.requireHeld();
      if (part?.kind === "piece") {
        await upload.take(part.value);
        releaseBuffer(part.value.data);
      } else if (part?.kind === "finish") finished = true;
      else throw misplaced("After `start` come pieces and `finish`");
    }
    upload.requireWhole();
    if (!finished) return { ...upload.counts(), dataset: await upload.describe() };
    return { ...upload.counts(), ...await upload.finish(lease) };
  });
}

/** Does what one call at a time may do to a dataset that is uploaded. */
export async function alone<T>(
  { datasets }: ServerContext,
  { names }: Uploads,
  name: string,
  scope: CallScope,
  work: (lease: HeldLease) => Promise<T>,
): Promise<T> {
  if (await datasets.placed(name) !== undefined) {
    throw new TinctError(
      "already_exists",
      `The dataset ${name} is a folder under the server's data root; upload under another name.`,
    );
  }
  return await names.alone(name, async (lease) => {
    scope.fields["dataset"] = name;
    return await work(lease);
  });
}

/** Begins to upload to a dataset, or goes on. The caller disposes of it. */
export async function openUpload(
  context: ServerContext,
  { quota }: Uploads,
  name: string,
  scope: CallScope,
): Promise<Upload> {
  const folder = context.datasets.upload(name);
  await requireRoom(context);
  const { maxDatasets, maxUnfinishedDatasets, maxUnfinishedPerClient } = context.settings;
  await context.store.datasets.begin(name, {
    client: scope.client,
    limits: {
      all: maxDatasets,
      unfinished: maxUnfinishedDatasets,
      unfinishedPerClient: maxUnfinishedPerClient,
    },
  });
  await folder.prepare();
  return await Upload.begin(context, quota, { name, folder }, scope);
}

/** Where the files of a call go. */
interface Target {
  readonly name: string;
  readonly folder: UploadFolder;
}

/** The files of one call, or of several that follow one another, one after the other. */
export class Upload implements AsyncDisposable {
  readonly #context: ServerContext;
  readonly #quota: UploadQuota;
  readonly #name: string;
  readonly #folder: UploadFolder;
  #scope: CallScope;
  /** The piece in hand, as its request names it. */
  #field = "piece";
  #refused: RefusedFile[] = [];
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

  /**
   * Takes the next piece.
   *
   * @param field that the piece is in its request, for what is wrong with it.
   */
  async take(piece: UploadPiece__Output, field = "piece"): Promise<void> {
    this.#field = field;
    if (piece.data.length > MAX_PIECE_BYTES) {
      throw misplaced(
        `A piece may have ${MAX_PIECE_BYTES} bytes, not ${piece.data.length}`,
        `${field}.data`,
      );
    }
    if (this.#current === undefined) {
      if (piece.fileName === "") {
        throw misplaced("The first piece of a file must name it", `${field}.file_name`);
      }
      this.#current = { first: piece, incoming: await this.#open(piece) };
    } else if (piece.fileName !== "") {
      const { fileName } = this.#current.first;
      throw misplaced(
        `${show(piece.fileName)} began before the last piece of ${show(fileName)}`,
        `${field}.file_name`,
      );
    }
    const { first, incoming } = this.#current;
    if (incoming !== undefined) await this.#write(first, incoming, piece);
    if (piece.last) this.#current = undefined;
  }

  /** Another call goes on with it, whose files are counted anew. */
  goOn(scope: CallScope): void {
    this.#scope = scope;
    this.#refused = [];
    this.#received = 0;
  }

  /** The file that is not whole yet, and how much of it is there. */
  get arriving(): { readonly fileName: string; readonly sizeBytes: number } | undefined {
    const current = this.#current;
    if (current === undefined) return undefined;
    return { fileName: current.first.fileName, sizeBytes: current.incoming?.sizeBytes ?? 0 };
  }

  /** Whether the file that is not whole yet was refused: the rest of it is passed over. */
  get isPassingOver(): boolean {
    return this.#current !== undefined && this.#current.incoming === undefined;
  }

  /** Forgets the file that is not whole. */
  async startOver(): Promise<void> {
    await this.#current?.incoming?.[Symbol.asyncDispose]();
    this.#current = undefined;
  }

  /** The dataset as it is, before its end. */
  async describe(): Promise<DatasetMessage> {
    const found = { files: this.#known.size, sizeBytes: this.#totalBytes };
    return uploadedDataset(await this.#context.store.datasets.get(this.#name), found);
  }

  /** Completes the dataset. @throws {TinctError} failed_precondition: it has no usable photo. */
  async finish(lease: HeldLease): Promise<{ dataset: DatasetMessage; report: DatasetReport }> {
    const { store, workbench, listings } = this.#context;
    const { signal } = this.#scope;
    await this.#folder.tidy();
    const report = await workbench.inspect(this.#folder.path, { signal });
    if (report.usablePhotos === 0) throw nothingUsable(this.#name, report);
    const { files, sizeBytes } = await listings.summary(this.#folder.path, signal);
    lease.requireHeld(); // looking may have taken long
    const dataset = await store.datasets.finish(this.#name, {
      photoCount: files,
      sizeBytes,
      grayCount: report.grayPhotos,
      brokenCount: report.brokenPhotos,
    }, reportJson(report));
    return { dataset: uploadedDataset(dataset), report };
  }

  requireWhole(field = "part"): void {
    if (this.#current === undefined) return;
    throw misplaced(
      `The call ended in the middle of ${show(this.#current.first.fileName)}`,
      field,
    );
  }

  counts(): { filesReceived: number; refused: RefusedFile[] } {
    return { filesReceived: this.#received, refused: this.#refused };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#current?.incoming?.[Symbol.asyncDispose]();
    this.#quota.close(this.#name, this.#totalBytes);
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
      violations: error.violations.map(({ field, description }) => ({
        field: field.replace(/^piece\b/, this.#field),
        description,
      })),
    });
    const fault = this.#context.status.faultOf(own, this.#scope.fields, this.#field);
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
function inUse(name: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `Another call uploads to the dataset ${name} or deletes it; wait until it has ended.`,
  );
}

function show(fileName: string): string {
  return JSON.stringify(fileName.slice(0, 100));
}

export function misplaced(what: string, field = "part"): TinctError {
  return new TinctError("invalid_argument", `${what}.`, {
    violations: [{ field, description: `is invalid: ${what}` }],
  });
}
