/** What photos may be, and what decoding one may take. */
export interface PhotoLimits {
  /** The most pixels, checked before any is decoded. */
  readonly maxPixels: number;
  /** The longest side, in pixels. */
  readonly maxSide: number;
  /** The most processor time that decoding one may take, in milliseconds; any time when left out. */
  readonly decodeMs?: number | undefined;
}
