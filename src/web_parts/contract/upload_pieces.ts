import { callBinary } from "./calls.ts";
import { fieldsOf } from "./error_details.ts";

/** The most bytes of a piece. */
export const PIECE_BYTES = 2 ** 20;

/** See `UploadPiece`. */
export interface Piece {
  /** Of a file's first piece; the file's size and SHA-256 beside it. */
  readonly head?: {
    readonly fileName: string;
    readonly sizeBytes: number;
    readonly sha256: Uint8Array<ArrayBuffer> | undefined;
  };
  readonly data: Blob;
  readonly last: boolean;
}

/** See `UploadPiecesResponse`. */
interface PiecesAnswer {
  readonly refused: readonly { readonly fileName: string; readonly message: string }[];
  /** The file that is not whole; "" where there is none. */
  readonly fileName: string;
  readonly receivedBytes: number;
}

/**
 * Sends pieces of files to a dataset. They go from the disk to the server by themselves: none is in the
 * page's memory.
 *
 * @param offset where the first piece stands in its file, where it does not name one.
 * @throws {CallError}
 */
export async function uploadPieces(
  dataset: string,
  pieces: readonly Piece[],
  offset: number,
  signal: AbortSignal,
): Promise<PiecesAnswer> {
  const parts: BlobPart[] = [textField(1, dataset)];
  for (const { head, data, last } of pieces) {
    const front: Uint8Array<ArrayBuffer>[] = [];
    if (head) {
      front.push(textField(1, head.fileName), wholeField(2, head.sizeBytes));
      if (head.sha256) front.push(headOf(3, head.sha256.length), head.sha256);
    }
    if (last) front.push(wholeField(5, 1));
    front.push(headOf(4, data.size));
    const frontBytes = front.reduce((sum, { length }) => sum + length, 0);
    parts.push(headOf(2, frontBytes + data.size), ...front, data);
  }
  parts.push(wholeField(3, offset));
  const answer = await callBinary("DatasetService/UploadPieces", new Blob(parts), signal);
  const fields = fieldsOf(answer);
  const text = (value: Uint8Array | undefined) => new TextDecoder().decode(value);
  return {
    refused: fields.filter(({ number }) => number === 3).map(({ value }) => {
      const file = fieldsOf(value);
      const fault = fieldsOf(file.find(({ number }) => number === 2)?.value ?? new Uint8Array());
      return {
        fileName: text(file.find(({ number }) => number === 1)?.value),
        message: text(fault.find(({ number }) => number === 2)?.value),
      };
    }),
    fileName: text(fields.find(({ number }) => number === 5)?.value),
    receivedBytes: fields.find(({ number }) => number === 6)?.whole ?? 0,
  };
}

function textField(number: number, text: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([...headOf(number, bytes.length), ...bytes]);
}

/** A whole number; nothing where it is 0, as the format has it. */
function wholeField(number: number, value: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(value === 0 ? [] : [number << 3, ...varint(value)]);
}

function headOf(number: number, length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([number << 3 | 2, ...varint(length)]);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push(value % 128 | 128);
  return [...bytes, value];
}
