const types: Readonly<Record<string, string>> = {
  IMAGE_FORMAT_JPEG: "image/jpeg",
  IMAGE_FORMAT_PNG: "image/png",
  IMAGE_FORMAT_WEBP: "image/webp",
  IMAGE_FORMAT_TIFF: "image/tiff",
  IMAGE_FORMAT_AVIF: "image/avif",
};

/** A picture that came in pieces, in base64. */
export function pictureBlob(pieces: readonly string[], format: string): Blob {
  return new Blob(pieces.map(bytesOf), { type: types[format] ?? "image/png" });
}

/** A picture of an answer as an address of this page, which lives as long as the page. */
export function pictureUrl(base64: string, format = "IMAGE_FORMAT_PNG"): string {
  return URL.createObjectURL(pictureBlob([base64], format));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const letters = atob(base64);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  return bytes;
}
