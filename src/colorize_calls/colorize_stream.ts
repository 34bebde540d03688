import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { type ColorizeSettings, filesBytes } from "../colorizing/colorizing.ts";
import type { ColorizeStreamRequest__Output } from "../protocol/generated/tinct/v1/colorize_stream_request.ts";
import type { ColorizeStreamResponse } from "../protocol/generated/tinct/v1/colorize_stream_response.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../protocol/pieces.ts";
import type { CallScope } from "../calls/call_scope.ts";
import {
  checkFiles,
  checkPhotoBytes,
  inSettings,
  misplaced,
  photoMessage,
  settingsOf,
  sizeOf,
} from "./colorize_messages.ts";
import type { ColorizeContext } from "./context.ts";
import { PictureRoom } from "../calls/door/memory_budget.ts";

/**
 * Colorizes the photos of a call. Reads no further than `maxPhotosPerCall` photos ahead of the
 * results that the client has taken, so that neither side's pace makes memory grow here.
 */
export function colorizeStream(
  context: ColorizeContext,
  requests: AsyncIterable<ColorizeStreamRequest__Output>,
  scope: CallScope,
): AsyncIterable<ColorizeStreamResponse> {
  return new PhotoStream(context, requests, scope).run();
}

/** The answer to a photo. */
interface Answer {
  readonly messages: readonly ColorizeStreamResponse[];
  /** What its picture takes of the server's memory until the client has it. */
  readonly room: Disposable | undefined;
  /** The client has it. */
  readonly sent: () => void;
}

/** The photo that is arriving. */
interface Arriving {
  readonly photoId: string;
  readonly pieces: Buffer[];
  sizeBytes: number;
  /** Undefined: what is wrong with it was answered, and its rest is passed over. */
  settings: ColorizeSettings | undefined;
}

class PhotoStream {
  readonly #context: ColorizeContext;
  readonly #requests: AsyncIterable<ColorizeStreamRequest__Output>;
  readonly #scope: CallScope;
  /** Photos without their answer, by the client's ids, and the work on them. */
  readonly #open = new Map<string, Promise<void>>();
  /** Those that are ready to go, the first one first. */
  readonly #ready: Answer[] = [];
  #wake = () => {};
  #settings: ColorizeSettings | undefined;
  /** Runs while a photo arrives. */
  #late: ReturnType<typeof setTimeout> | undefined;

  constructor(
    context: ColorizeContext,
    requests: AsyncIterable<ColorizeStreamRequest__Output>,
    scope: CallScope,
  ) {
    this.#context = context;
    this.#requests = requests;
    this.#scope = scope;
  }

  /** Reads photos, and meanwhile gives their answers, each whole before the next. */
  async *run(): AsyncGenerator<ColorizeStreamResponse, void, undefined> {
    let isOver = false;
    const reading = this.#readAll().catch((error) => {
      this.#scope.end(error); // what waits for the client, and the work on the other photos
      throw error;
    });
    const over = () => {
      isOver = true;
      this.#wake();
    };
    reading.then(over, over);
    try {
      while (!isOver) {
        const woken = new Promise<void>((resolve) => this.#wake = resolve);
        const answer = this.#ready.shift();
        if (answer === undefined) {
          await woken;
          continue;
        }
        yield* answer.messages;
        answer.room?.[Symbol.dispose]();
        answer.sent();
      }
      await reading;
    } finally {
      clearTimeout(this.#late);
      await Promise.allSettled([reading, ...this.#open.values()]);
    }
  }

  /** Reads the photos, and waits until all are answered. */
  async #readAll(): Promise<void> {
    let arriving: Arriving | undefined;
    for await (const piece of this.#requests) arriving = await this.#take(piece, arriving);
    if (arriving) {
      throw misplaced(`The call ended in the middle of ${named(arriving.photoId)}`, "last");
    }
    await Promise.all(this.#open.values());
  }

  /** @returns the photo that goes on arriving, if any. */
  async #take(
    piece: ColorizeStreamRequest__Output,
    arriving: Arriving | undefined,
  ): Promise<Arriving | undefined> {
    const photo = arriving ?? await this.#begin(piece);
    if (piece.photoId !== photo.photoId) {
      throw misplaced(
        `${show(piece.photoId)} began before the last piece of ${named(photo.photoId)}`,
        "photo_id",
      );
    }
    if (arriving && piece.settings !== null) {
      throw misplaced(
        `Settings stand in the first piece of a photo; ${named(photo.photoId)} goes on`,
        "settings",
      );
    }
    if (piece.data.length > MAX_PIECE_BYTES) {
      throw misplaced(
        `A piece may have ${MAX_PIECE_BYTES} bytes, not ${piece.data.length}`,
        "data",
      );
    }
    photo.sizeBytes += piece.data.length;
    if (photo.settings !== undefined) this.#keep(photo, piece.data);
    if (!piece.last) {
      if (!arriving) this.#expectRest(photo);
      return photo;
    }
    clearTimeout(this.#late);
    if (photo.settings !== undefined) this.#colorize(photo, photo.settings);
    return undefined;
  }

  async #begin({ photoId, settings }: ColorizeStreamRequest__Output): Promise<Arriving> {
    if (photoId === "" || photoId.length > 200) {
      throw misplaced(`A photo's id has 1 to 200 characters, not ${photoId.length}`, "photo_id");
    }
    if (this.#open.has(photoId)) {
      throw misplaced(`${show(photoId)} is still without its answer`, "photo_id");
    }
    // Here a client that sends faster than it reads, or than we work, waits.
    while (this.#open.size >= this.#context.settings.maxPhotosPerCall) {
      await Promise.race(this.#open.values());
    }
    const photo: Arriving = { photoId, pieces: [], sizeBytes: 0, settings: this.#settings };
    if (settings !== null) {
      try {
        const { requests } = this.#context.status;
        const found = requests.violationsOf("tinct.v1.ColorizeSettings", settings, "settings.");
        const wanted = settingsOf(settings, "settings.", found);
        checkFiles(wanted, this.#context.settings.maxPhotoMib, "settings.");
        photo.settings = wanted;
        this.#settings = { ...wanted, hints: [], strokes: undefined, reference: undefined };
        this.#scope.memory.keep(filesBytes(wanted)); // until the photo is answered
      } catch (error) {
        photo.settings = undefined;
        this.#answerFault(photoId, error);
      }
    } else if (this.#settings === undefined) {
      throw misplaced(
        `${show(photoId)} is the first of the call and must have settings`,
        "settings",
      );
    }
    return photo;
  }

  /** Ends the call if the last piece of a photo does not come: what has come is held in memory. */
  #expectRest(photo: Arriving): void {
    const seconds = this.#context.settings.maxArrivalSeconds;
    this.#late = setTimeout(() => {
      const message = `The last piece of ${show(photo.photoId)} has not come ${seconds} s after ` +
        `its first; ${photo.sizeBytes} bytes came. Send it again, all of it.`;
      this.#scope.end(new TinctError("deadline_exceeded", message));
    }, seconds * 1000);
  }

  #keep(photo: Arriving, data: Buffer): void {
    const { maxPhotoMib } = this.#context.settings;
    if (photo.sizeBytes <= maxPhotoMib * 2 ** 20) {
      // Its message gave it room, and gives that back with the next one.
      this.#scope.memory.keep(data.length);
      this.#scope.memory.keepBuffer(data);
      photo.pieces.push(data);
      return;
    }
    this.#scope.memory.free(
      sizeOf(photo.pieces) + (photo.settings ? filesBytes(photo.settings) : 0),
    );
    photo.settings = undefined;
    this.#release(photo.pieces.splice(0));
    const message = `${show(photo.photoId)} has more than ${maxPhotoMib} MiB.`;
    this.#answerFault(photo.photoId, new TinctError("invalid_argument", message));
  }

  #colorize({ photoId, pieces, sizeBytes }: Arriving, settings: ColorizeSettings): void {
    const startMs = performance.now();
    const { memory } = this.#scope;
    const room = new PictureRoom(memory);
    const work = async () => {
      checkPhotoBytes(sizeBytes, this.#context.settings.maxPhotoMib, "data");
      const { bytes, used } = this.#joined(pieces);
      const photo = await this.#scope.trace.photo(() =>
        this.#context.colorizing.colorize(bytes, settings, {
          signal: this.#scope.signal,
          client: this.#scope.client,
          takeRoom: (bytes) => room.take(bytes),
        })
      ).catch((error) => {
        throw inSettings(error);
      }).finally(() => {
        this.#release(used);
        memory.free(sizeBytes + filesBytes(settings));
      });
      return [...piecesOf(photo.image)].map(({ data, last }, index): ColorizeStreamResponse => ({
        photoId,
        photo: index > 0 ? null : photoMessage(photo, performance.now() - startMs),
        data,
        last,
      }));
    };
    this.#answer(photoId, work(), room);
  }

  /**
   * The file of a photo. Its pieces are gone then, but for the first one, whose message has the
   * settings and their files, too.
   */
  #joined(pieces: Buffer[]): { readonly bytes: Buffer; readonly used: readonly Buffer[] } {
    const all = pieces.splice(0);
    const [first] = all;
    if (all.length === 1 && first) return { bytes: first, used: all };
    const bytes = Buffer.concat(all);
    this.#scope.memory.keepBuffer(bytes);
    this.#release(all.slice(1));
    return { bytes, used: [bytes, ...all.slice(0, 1)] };
  }

  #release(buffers: readonly Buffer[]): void {
    for (const each of buffers) this.#scope.memory.releaseKept(each);
  }

  #answerFault(photoId: string, error: unknown): void {
    this.#answer(photoId, Promise.reject(error));
  }

  /** Gives an answer out when it is ready; `open` has the photo until the client has that. */
  #answer(photoId: string, work: Promise<ColorizeStreamResponse[]>, room?: Disposable): void {
    const { signal, fields } = this.#scope;
    const done = async () => {
      let messages: ColorizeStreamResponse[];
      try {
        messages = await work;
      } catch (error) {
        signal.throwIfAborted(); // the call is over, not this photo alone
        const fault = this.#context.status.faultOf(error, fields, "data");
        messages = [{ photoId, fault, last: true }];
      }
      await this.#sent(messages, room);
    };
    const open = done().then(
      () => void this.#open.delete(photoId),
      (error) => {
        this.#scope.end(error);
        throw error;
      },
    );
    // Awaited by `run` in the end; until then a failure is no unhandled one.
    open.catch(() => {});
    this.#open.set(photoId, open);
  }

  /** Waits until the client has an answer. @throws the signal's reason. */
  #sent(messages: readonly ColorizeStreamResponse[], room: Disposable | undefined): Promise<void> {
    const { signal } = this.#scope;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const listening = onAbort(signal, reject);
      const sent = () => {
        listening[Symbol.dispose]();
        resolve();
      };
      this.#ready.push({ messages, room, sent });
      this.#wake();
    });
  }
}

function show(photoId: string): string {
  return `The ${named(photoId)}`;
}

function named(photoId: string): string {
  return `photo ${JSON.stringify(photoId.slice(0, 100))}`;
}
