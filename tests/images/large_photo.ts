import { photoLibrary } from "../../src/images/photo_library.ts";

/** A photo as cameras of 61 million pixels make it. */
export async function largePhoto(): Promise<Uint8Array> {
  const background = { r: 200, g: 90, b: 40 };
  return await photoLibrary()({ create: { width: 9504, height: 6336, channels: 3, background } })
    .jpeg().toBuffer();
}
