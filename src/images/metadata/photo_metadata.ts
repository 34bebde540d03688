import type { DirectoryField } from "./directory_reader.ts";

/** What a photo says of itself besides its picture: bounded, and safe to be written again. */
export interface PhotoMetadata {
  /** How many pixels an inch of the original has; undefined where it does not say. */
  readonly resolution?: Resolution | undefined;
  readonly exif?: ExifFields | undefined;
  /** An XMP packet, UTF-8. */
  readonly xmp?: Uint8Array | undefined;
}

/** Pixels an inch, along the stored width and height. */
export interface Resolution {
  readonly x: number;
  readonly y: number;
}

/** EXIF by its directories. */
export interface ExifFields {
  /** Of the picture: author, camera, date of change. */
  readonly picture: readonly DirectoryField[];
  /** Of how it was taken: date, exposure, lens. */
  readonly taken: readonly DirectoryField[];
  /** Of where. */
  readonly place: readonly DirectoryField[];
}

/** What a container holds besides the picture, as it is found; nothing of it is checked yet. */
export interface FoundMetadata {
  /** A TIFF structure, without the "Exif\0\0" that stands before it in some containers. */
  readonly exif?: Uint8Array | undefined;
  readonly xmp?: Uint8Array | undefined;
  /** As the container says it, EXIF aside. */
  readonly resolution?: Resolution | undefined;
}
