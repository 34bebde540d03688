import { utf8 } from "./c_string.ts";

/** A field of a protobuf message: its bytes on the wire, tag included. */
export type Field = readonly number[];

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
  return [...varint(number * 8), ...varint(Number(value))];
}

/** A field that holds a message made of `fields`. */
export function messageField(number: number, ...fields: Field[]): Field {
  const body = fields.flat();
  return [...varint(number * 8 + 2), ...varint(body.length), ...body];
}

/** A field of type string. */
export function stringField(number: number, value: string): Field {
  return messageField(number, [...utf8(value)]);
}

/** A whole message. */
export function message(...fields: Field[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(fields.flat());
}
