import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodePhoto } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import { squashPicture } from "../../src/images/squash.ts";
import { fingerprintOf } from "../../src/prepared/fingerprint.ts";
import { groupNearDuplicates } from "../../src/prepared/near_duplicates.ts";
import type { FetchedPhoto } from "./fetch_photos.ts";

/** One in so many photographs is kept out, with all of its tiles. */
const KEPT_OUT = 6;

/** Sides of tiles, as parts of a photograph's shorter side. */
const SCALES = [1, 0.5];

/** Side of the square by which photographs are recognized, in pixels. */
const RECOGNIZED = 96;

/** The longer side that photographs are brought to first, in pixels. */
const LONGEST = 1600;

/** Folders of tiles, and how many photographs and tiles are in each. */
export interface Tiles {
  readonly training: string;
  readonly unseen: string;
  readonly counts: Readonly<Record<"training" | "unseen", { photos: number; tiles: number }>>;
}

/**
 * Cuts photographs into squares: the whole shorter side, side by side, and halves of it. Photographs
 * are divided, not tiles, by the hash of their name, so that no tile of one that is trained on is
 * measured. Of near-duplicates only the first is taken.
 *
 * @param size pixels along a side of a tile.
 */
export async function cutTiles(
  photos: readonly FetchedPhoto[],
  folder: string,
  size: number,
): Promise<Tiles> {
  const unfinished = `${folder}.part`;
  await rm(unfinished, { recursive: true, force: true });
  const counts = { training: { photos: 0, tiles: 0 }, unseen: { photos: 0, tiles: 0 } };
  for (const part of ["training", "unseen"]) {
    await mkdir(join(unfinished, part), { recursive: true });
  }
  for (const { source, path } of await distinct(photos)) {
    const name = `${source.name}/${path.split("/").slice(-4).join("/")}`;
    const hash = createHash("sha256").update(name).digest();
    const part = hash.readUInt32LE(0) % KEPT_OUT === 0 ? "unseen" : "training";
    const { width, height, rgb, isGray } = await decodePhoto(path, { fitWithin: LONGEST });
    if (isGray) continue;
    counts[part].photos++;
    for (const { left, top, side } of placesOf(width, height, size)) {
      const square = new Uint8Array(side * side * 3);
      for (let y = 0; y < side; y++) {
        const from = ((top + y) * width + left) * 3;
        square.set(rgb.subarray(from, from + side * 3), y * side * 3);
      }
      const tile = await squashPicture({ width: side, height: side, rgb: square }, size);
      const bytes = await encodePhoto({ width: size, height: size, rgb: tile }, { format: "png" });
      const number = counts[part].tiles++;
      // In no order, so that the first tiles, which a sheet shows, are of many photographs.
      const order = createHash("sha256").update(`${name} ${number}`).digest("hex").slice(0, 12);
      await writeFile(join(unfinished, part, `${order}.png`), bytes);
    }
  }
  await writeFile(join(unfinished, "counts.json"), JSON.stringify(counts));
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
  return { training: join(folder, "training"), unseen: join(folder, "unseen"), counts };
}

/** The photographs without near-duplicates: packages hold one in several sizes and frames. */
async function distinct(photos: readonly FetchedPhoto[]): Promise<FetchedPhoto[]> {
  const fingerprints: Uint8Array[] = [];
  for (const { path } of photos) {
    const photo = await decodePhoto(path, { fitWithin: LONGEST });
    fingerprints.push(fingerprintOf(await squashPicture(photo, RECOGNIZED), RECOGNIZED));
  }
  const groups = groupNearDuplicates(Buffer.concat(fingerprints));
  const copies = new Set(groups.flatMap(([, ...others]) => others));
  return photos.filter((_, index) => !copies.has(index));
}

/** Squares of a photograph, none with fewer pixels than its tile has. */
function placesOf(width: number, height: number, size: number) {
  const shorter = Math.min(width, height);
  return SCALES.flatMap((scale) => {
    const side = Math.floor(shorter * scale);
    if (side < size) return [];
    const along = (length: number) => {
      const count = Math.max(1, Math.round(length / side));
      return Array.from(
        { length: count },
        (_, i) => count === 1 ? 0 : Math.round(i * (length - side) / (count - 1)),
      );
    };
    return along(height).flatMap((top) => along(width).map((left) => ({ left, top, side })));
  });
}
