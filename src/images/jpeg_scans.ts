import { isJpegFrame } from "./jpeg_size.ts";

/**
 * Counts the scans of a JPEG (ITU-T T.81, B.2.3) that its decoder goes through. For each of them it
 * visits every block of the picture, however few bytes the scan has: in 500 KB of empty scans there
 * is work for minutes.
 *
 * @param bytes the file from its beginning.
 * @param most counting ends past it.
 * @returns from 0 to `most + 1`; 1 for a file that is not progressive and has all components in its
 *   first scan, since its decoder stops there.
 */
export function countJpegScans(bytes: Uint8Array, most: number): number {
  let scans = 0;
  let components = 0;
  let isProgressive = false;
  let at = 2;
  while (scans <= most) {
    at = bytes.indexOf(0xff, at);
    if (at < 0 || at + 4 >= bytes.length) return scans;
    const marker = bytes[at + 1]!;
    if (marker === END_OF_IMAGE) return scans;
    if (marker === 0xff) at++; // padding
    else if (hasNoSegment(marker)) at += 2;
    else {
      if (marker === PROGRESSIVE || marker === PROGRESSIVE_ARITHMETIC) isProgressive = true;
      if (isJpegFrame(marker)) components = bytes[at + 9] ?? 0;
      if (marker === START_OF_SCAN) {
        scans++;
        if (!isProgressive && bytes[at + 4] === components) return scans;
      }
      at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
    }
  }
  return scans;
}

const PROGRESSIVE = 0xc2;
const PROGRESSIVE_ARITHMETIC = 0xca;
const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;

/**
 * A 0xff of the picture's own data, a restart, or what no marker of a picture is (0x02 to 0xbf): where
 * a restart is due, libjpeg passes over its two bytes and reads on behind them.
 */
function hasNoSegment(marker: number): boolean {
  return marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8);
}
