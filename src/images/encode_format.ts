/** The formats that pictures can be written in. */
export type EncodeFormat = "jpeg" | "png" | "webp" | "tiff" | "avif";
