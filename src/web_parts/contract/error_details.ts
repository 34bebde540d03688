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

/** The fields of a message that have bytes: all that these messages consist of. */
function fieldsOf(bytes: Uint8Array): { number: number; value: Uint8Array }[] {
  const fields: { number: number; value: Uint8Array }[] = [];
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
    const length = varint();
    if ((tag & 7) !== 2) break;
    fields.push({ number: tag >> 3, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}
