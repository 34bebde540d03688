import type { FoundMetadata } from "../metadata/photo_metadata.ts";

/** A photo's file, taken apart: what a decoder gets, and what else there is. */
export interface PhotoParts {
  /**
   * A file of the same format with the picture alone: its pixels, its color profile unless that is
   * over the limit, and its orientation. The caller's bytes themselves where there was nothing to cut.
   */
  readonly picture: Uint8Array;
  readonly metadata: FoundMetadata;
  /** Whether the file lacked its end, which the picture was given: then some of it may be missing. */
  readonly isEndAdded?: boolean;
}

/**
 * The largest color profile that is given to the library. Those of presses with many tables come to
 * 3 MB; what is larger makes work.
 */
export const MAX_PROFILE_BYTES = 4 * 1024 * 1024;

/** The largest XMP that is kept: a segment of a JPEG, which is what readers expect. */
export const MAX_XMP_BYTES = 65_000;
