const encoder = new TextEncoder();
const known = new Map<string, Uint8Array<ArrayBuffer>>();

/** A string with its ending zero, kept for the next time: names of operations and attributes. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  let encoded = known.get(text);
  if (encoded === undefined) {
    encoded = encoder.encode(`${text}\0`);
    known.set(text, encoded);
  }
  return encoded;
}

/** The bytes of a string, without an ending zero. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}
