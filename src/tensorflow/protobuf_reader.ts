import { TinctError } from "../errors.ts";

/** A field of a message as it lies on the wire. */
export interface WireField {
  readonly number: number;
  /** Of integers, enums and bools: as a signed 64-bit number. Of 32-bit floats: their value. */
  readonly value: number;
  /** Of texts, messages, bytes and packed numbers; empty for the others. */
  readonly bytes: Uint8Array;
}

const none = new Uint8Array(0);

/**
 * Fields that one message may have. Two bytes make a field, and a field takes a hundred of memory: a
 * hostile file would fill it. A large network has some thousand nodes.
 */
const MOST_FIELDS = 1_000_000;

/**
 * The fields of a protobuf message, in their order (protobuf.dev, "Encoding").
 *
 * @throws TinctError `data_loss` where the bytes are no message.
 */
export function readFields(message: Uint8Array): WireField[] {
  const fields: WireField[] = [];
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  let at = 0;
  const advance = (count: number) => {
    if (at + count > message.length) throw damaged();
    at += count;
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at];
      if (byte === undefined) throw damaged();
      at++;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw damaged();
  };
  while (at < message.length) {
    if (fields.length === MOST_FIELDS) throw damaged();
    const tag = varint();
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0:
        fields.push({ number, value: varint(), bytes: none });
        break;
      case 1:
        advance(8);
        fields.push({ number, value: view.getFloat64(at - 8, true), bytes: none });
        break;
      case 2: {
        const length = varint();
        if (length < 0) throw damaged();
        advance(length);
        fields.push({ number, value: 0, bytes: message.subarray(at - length, at) });
        break;
      }
      case 5:
        advance(4);
        fields.push({ number, value: view.getFloat32(at - 4, true), bytes: none });
        break;
      default:
        throw damaged();
    }
  }
  return fields;
}

/** The integers of a repeated field, which may be packed or not. */
export function readIntegers(fields: readonly WireField[], number: number): number[] {
  return fields.filter((field) => field.number === number).flatMap(({ value, bytes }) => {
    if (bytes.length === 0) return [value];
    // A packed field is varints one after the other: with a tag before each it is a message.
    const tagged: number[] = [];
    let starts = true;
    for (const byte of bytes) {
      if (starts) tagged.push(8);
      tagged.push(byte);
      starts = byte < 128;
    }
    return readFields(Uint8Array.from(tagged)).map((field) => field.value);
  });
}

/** The text of the last field of a number, or "". */
export function readText(fields: readonly WireField[], number: number): string {
  return new TextDecoder().decode(fields.findLast((field) => field.number === number)?.bytes);
}

function damaged(): TinctError {
  return new TinctError("data_loss", "The file is cut short, or of another format.");
}
