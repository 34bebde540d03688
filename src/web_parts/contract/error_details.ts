import type { Violation } from "./messages.ts";

/** The violations of a google.rpc.BadRequest, whose bytes Connect brings in base64. */
export function violationsOf(base64: string): Violation[] {
  const bytes = Uint8Array.from(
    atob(base64.replace(/-/g, "+").replace(/_/g, "/")),
    (letter) => letter.charCodeAt(0),
  );
  return fieldsOf(bytes).filter(({ number }) => number === 1).map(({ value }) => {
    const texts = fieldsOf(value).map(({ number, value }) =>
      [number, new TextDecoder().decode(value)] as const
    );
    const text = (wanted: number) => texts.find(([number]) => number === wanted)?.[1] ?? "";
    return { field: text(1), description: text(2) };
  });
}

/** A field of a message as it comes: bytes, or a whole number. */
interface Field {
  readonly number: number;
  readonly value: Uint8Array;
  /** Of a number; 0 where the field has bytes. */
  readonly whole: number;
}

/** The fields of a message that are bytes or whole numbers: all that these messages consist of. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Math.floor(tag / 8);
    const whole = varint();
    if ((tag & 7) === 0) fields.push({ number, value: new Uint8Array(), whole });
    else if ((tag & 7) === 2) {
      fields.push({ number, value: bytes.subarray(at, at + whole), whole: 0 });
      at += whole;
    } else break;
  }
  return fields;
}
