import { onAbort } from "../abort.ts";
import type { Work } from "./server_link.ts";

/** Memory that several workers share: the server counts it, and this one asks before it takes some. */
export class SharedRoom {
  readonly #send: Work["send"];
  /** Those that wait for the server's answer, by number. */
  readonly #asked = new Map<number, PromiseWithResolvers<void>>();
  #lastId = 0;

  constructor(send: Work["send"]) {
    this.#send = send;
  }

  /** Waits for so many bytes. @returns gives them back. @throws the signal's reason. */
  async enter(bytes: number, signal: AbortSignal | undefined): Promise<() => void> {
    signal?.throwIfAborted();
    const roomId = ++this.#lastId;
    const granted = Promise.withResolvers<void>();
    this.#asked.set(roomId, granted);
    const giveBack = () => this.#send({ roomWish: { roomId, bytes: 0 } });
    this.#send({ roomWish: { roomId, bytes: Math.ceil(bytes) } });
    using _listening = onAbort(signal, (reason) => {
      if (!this.#asked.delete(roomId)) return; // it was granted
      giveBack();
      granted.reject(reason);
    });
    await granted.promise;
    return giveBack;
  }

  /** The server's answer; one that nobody waits for any more has been given back. */
  grant(roomId: number): void {
    this.#asked.get(roomId)?.resolve();
    this.#asked.delete(roomId);
  }
}
