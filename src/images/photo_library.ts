import sharp from "sharp";

let configured = false;

/** The formats that may be loaded: those of photos. Our own charts are drawn elsewhere (drawSvg). */
const LOADERS = ["Jpeg", "Png", "Webp", "Tiff", "Nsgif", "Heif"];

/**
 * sharp, set up for photos, once for the whole process, at first use:
 *
 * - no other loader may run, and none on files, whatever a file claims to be: SVG above all, whose
 *   loader reaches out to files and fonts;
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
