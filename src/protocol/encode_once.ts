/** An encoder that remembers what it made of a message for as long as somebody holds the message. */
export function encodeOnce<T, Bytes extends Uint8Array>(
  encode: (message: T) => Bytes,
): (message: T) => Bytes {
  const encoded = new WeakMap<object, Bytes>();
  return (message) => {
    if (typeof message !== "object" || message === null) return encode(message);
    const known = encoded.get(message);
    if (known) return known;
    const bytes = encode(message);
    encoded.set(message, bytes);
    return bytes;
  };
}
