const START_OF_SCAN = 0xda;

/**
 * Writes into the headers of a sequential JPEG's scans the only parameters that they can have: from
 * coefficient 0 to 63, at once. Some scanners and cameras leave 0 there; decoders warn and go on.
 *
 * @param scans from the first scan's marker; changed in place.
 * @param components of the frame: a scan with all of them is the last.
 */
export function evenScans(scans: Uint8Array, components: number): void {
  let at = 0;
  while (at >= 0 && at + 4 < scans.length) {
    const code = scans[at + 1]!;
    if (scans[at] !== 0xff || code < 0xc0 || code === 0xff || (code >= 0xd0 && code <= 0xd8)) {
      at = scans.indexOf(0xff, at + 1);
      continue;
    }
    if (code === 0xd9) return;
    const length = scans[at + 2]! * 256 + scans[at + 3]!;
    if (code === START_OF_SCAN) {
      const count = scans[at + 4]!;
      if (length !== 6 + 2 * count || at + 2 + length > scans.length) return;
      scans.set([0, 63, 0], at + 2 + length - 3);
      if (count === components) return;
    }
    at += 2 + length;
  }
}
