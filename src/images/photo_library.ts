import sharp from "sharp";

let configured = false;

/**
 * The buffers that may be loaded: the six photo formats, and SVG, in which the charts are drawn. A
 * photo is never given to the SVG loader, for recognizeFormat has seen its first bytes.
 */
const LOADERS = ["Jpeg", "Png", "Webp", "Tiff", "Nsgif", "Heif", "Svg"];

/**
 * sharp, set up for photos, once for the whole process, at first use:
 *
 * - no other loader may run, and none on files, whatever a file claims to be;
 * - no operation cache: no photo is decoded twice, and kept pixels would let memory grow;
 * - one thread a photo: many photos are decoded at a time, which uses all cores with less waiting
 *   than many threads on one.
 */
export function photoLibrary(): typeof sharp {
  if (!configured) {
    sharp.cache(false);
    sharp.concurrency(1);
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: LOADERS.map((format) => `VipsForeignLoad${format}Buffer`) });
    configured = true;
  }
  return sharp;
}
