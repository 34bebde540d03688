/** Pixels of 16 bits a channel. */
export interface DeepPixels<Buffer extends ArrayBufferLike = ArrayBufferLike> {
  /** [height, width, 3], sRGB, 65,535 full. */
  readonly rgb: Uint16Array<Buffer>;
  /** [height, width], 65,535 opaque; undefined where the picture has no alpha. */
  readonly alpha?: Uint16Array<Buffer> | undefined;
}

/** The upper 8 bits of samples of 16, as the photo library makes them fewer. */
export function upperBytes(samples: Uint16Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(samples.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = samples[at]! >> 8;
  return bytes;
}
