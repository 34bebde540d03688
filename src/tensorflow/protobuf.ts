import { utf8 } from "./c_string.ts";

/** A field of a protobuf message: its bytes on the wire, tag included (protobuf.dev, "Encoding"). */
export type Field = Uint8Array<ArrayBuffer>;

function varint(value: number): number[] {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`A varint here is a whole number from 0, not ${value}.`);
  }
  const wire: number[] = [];
  let rest = value;
  while (rest > 127) {
    wire.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return [...wire, rest];
}

/** A field of an integer, enum or bool type. */
export function varintField(number: number, value: number | boolean): Field {
  return Uint8Array.from([...varint(number * 8), ...varint(Number(value))]);
}

/** The beginning of a field that holds a message, a string or bytes of so many bytes. */
export function fieldHead(number: number, sizeBytes: number): Field {
  return Uint8Array.from([...varint(number * 8 + 2), ...varint(sizeBytes)]);
}

/** A field that holds a message made of `fields`. */
export function messageField(number: number, ...fields: Field[]): Field {
  const sizeBytes = fields.reduce((sum, field) => sum + field.length, 0);
  return message(fieldHead(number, sizeBytes), ...fields);
}

/** A field of type bytes. */
export function bytesField(number: number, value: Uint8Array): Field {
  return messageField(number, new Uint8Array(value));
}

/** A field of type string. */
export function stringField(number: number, value: string): Field {
  return messageField(number, utf8(value));
}

/** A field of type float; the value is rounded to one. */
export function floatField(number: number, value: number): Field {
  const wire = new DataView(new ArrayBuffer(4));
  wire.setFloat32(0, value, true);
  return message(Uint8Array.from(varint(number * 8 + 5)), new Uint8Array(wire.buffer));
}

/** A field of type double. */
export function doubleField(number: number, value: number): Field {
  const wire = new DataView(new ArrayBuffer(8));
  wire.setFloat64(0, value, true);
  return message(Uint8Array.from(varint(number * 8 + 1)), new Uint8Array(wire.buffer));
}

/** A whole message. */
export function message(...fields: Field[]): Uint8Array<ArrayBuffer> {
  const wire = new Uint8Array(fields.reduce((sum, field) => sum + field.length, 0));
  let at = 0;
  for (const field of fields) {
    wire.set(field, at);
    at += field.length;
  }
  return wire;
}
