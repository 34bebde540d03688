/** A smaller one is not worth the call. */
const LEAST_BYTES = 4 * 1024;

/**
 * Gives the memory of bytes back at once, instead of with V8's next collection of garbage: V8 counts
 * 64 MiB of buffers before it begins one. Every view of them is empty from then on, and taking a part
 * of it throws. Bytes that are few, or the smaller part of their buffer, are left to V8.
 */
export function releaseBuffer({ buffer, byteLength }: Uint8Array): void {
  if (!(buffer instanceof ArrayBuffer)) return;
  if (byteLength < LEAST_BYTES || 2 * byteLength < buffer.byteLength) return;
  buffer.transfer(0);
}
