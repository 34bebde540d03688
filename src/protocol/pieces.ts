/** The most bytes of a file in one message. */
export const MAX_PIECE_BYTES = 1024 * 1024;

/** A piece of a file, as messages carry it. */
export interface Piece {
  /** A view into the file, not a copy. */
  readonly data: Buffer;
  /** Whether the file ends here. */
  readonly last: boolean;
}

/** Cuts a file into pieces; an empty one is a single, empty piece. */
export function* piecesOf(file: Uint8Array): Generator<Piece> {
  let start = 0;
  do {
    const length = Math.min(MAX_PIECE_BYTES, file.byteLength - start);
    const data = Buffer.from(file.buffer, file.byteOffset + start, length);
    start += length;
    yield { data, last: start === file.byteLength };
  } while (start < file.byteLength);
}
