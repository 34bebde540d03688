/** HTTP/2's frame types that matter here (RFC 9113, 6). */
export const DATA_FRAME = 0;
export const HEADERS_FRAME = 1;
export const RESET_FRAME = 3;
export const CONTINUATION_FRAME = 9;

const HEADER_BYTES = 9;

/** Reads the headers of HTTP/2 frames in a stream of bytes that comes in chunks of any size. */
export class FrameScanner {
  readonly #onFrame: (type: number, streamId: number, length: number) => void;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerLength = 0;
  #payloadLeft = 0;

  /** @param onFrame is told the type, stream and payload's length of each frame at its header. */
  constructor(onFrame: (type: number, streamId: number, length: number) => void) {
    this.#onFrame = onFrame;
  }

  /** Takes the next bytes; they must begin with a frame's header where it all began. */
  scan(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payloadLeft > 0) {
        const passed = Math.min(this.#payloadLeft, chunk.length - at);
        this.#payloadLeft -= passed;
        at += passed;
        continue;
      }
      const taken = chunk.subarray(at, at + HEADER_BYTES - this.#headerLength);
      this.#header.set(taken, this.#headerLength);
      this.#headerLength += taken.length;
      at += taken.length;
      if (this.#headerLength === HEADER_BYTES) this.#readHeader();
    }
  }

  #readHeader(): void {
    const view = new DataView(this.#header.buffer);
    this.#headerLength = 0;
    this.#payloadLeft = view.getUint32(0) >>> 8;
    this.#onFrame(view.getUint8(3), view.getUint32(5) & 0x7fffffff, this.#payloadLeft);
  }
}
