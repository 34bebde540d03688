import assert from "assert";
import { createHash } from "node:crypto";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import sharp from "sharp";
import { decodeResized } from "../../src/images/decode.ts";
import { formatManifest, parseManifest } from "../../src/prepared/prepared_manifest.ts";
import { preparePhotos, READER } from "../../src/prepared/prepare_photos.ts";
import type { PrepareProgress } from "../../src/prepared/prepare_progress.ts";
import { sha256Of } from "../../src/prepared/photo_hashes.ts";
import type { PreparedSet } from "../../src/prepared/prepared_set.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import {
  fromRaw,
  jpegClaiming,
  paint,
  photoBytes,
  photoFile,
  photoPath,
} from "../images/test_photos.ts";

const SIZE = 32;
const ROW_BYTES = SIZE * SIZE * 3;

/** A folder for photos and one for what is prepared from them. */
class Workplace implements AsyncDisposable {
  readonly #folder: TemporaryFolder;
  readonly photos: string;
  readonly cacheFolder: string;

  private constructor(folder: TemporaryFolder) {
    this.#folder = folder;
    this.photos = folder.join("photos");
    this.cacheFolder = folder.join("cache");
  }

  /** @param files copies of test photos, or bytes, by name. */
  static async create(files: Record<string, string | Uint8Array>): Promise<Workplace> {
    const place = new Workplace(await TemporaryFolder.create());
    await mkdir(`${place.photos}/deep`, { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const path = `${place.photos}/${name}`;
      if (typeof content === "string") await copyFile(photoPath(content), path);
      else await writeFile(path, content);
    }
    return place;
  }

  prepare(
    options: Partial<Parameters<typeof preparePhotos>[1]> = {},
  ): Promise<PreparedSet> {
    return preparePhotos(this.photos, { size: SIZE, cacheFolder: this.cacheFolder, ...options });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#folder[Symbol.asyncDispose]();
  }
}

const THREE_CATS = { "a.jpg": "cat.jpg", "b.webp": "pixel.webp", "deep/c.tiff": "scan.tiff" };

async function allPixels(set: PreparedSet): Promise<Uint8Array> {
  const pixels = new Uint8Array(set.count * set.size * set.size * 3);
  await set.readInto(Uint32Array.from({ length: set.count }, (_, at) => at), pixels);
  return pixels;
}

Deno.test("preparePhotos() prepares what it can and names the rest", async () => {
  const cat = await photoBytes("cat.jpg");
  await using place = await Workplace.create({
    "alpha.png": "alpha.png",
    "claims.jpg": await jpegClaiming(20_000, 20_000, 742),
    "cmyk.jpg": "cmyk.jpg",
    "deep/cat.jpg": "cat.jpg",
    "deep/turned.jpg": "exif_orientation_6.jpg",
    "empty.jpg": new Uint8Array(0),
    "film.mp4": new Uint8Array(9),
    "gray.jpg": "gray.jpg",
    "gray16.png": "gray16.png",
    "pixel.webp": "pixel.webp",
    "random.png": Uint8Array.from({ length: 999 }, (_, at) => (at * 91 + 7) & 255),
    "scan.tiff": "scan.tiff",
    "short.jpg": cat.subarray(0, 9000),
    "vector.jpg": new TextEncoder().encode("<svg xmlns='http://www.w3.org/2000/svg'/>"),
  });
  await symlink("nowhere", `${place.photos}/broken.jpg`);
  await using set = await place.prepare();

  const usable = [
    "alpha.png",
    "cmyk.jpg",
    "deep/cat.jpg",
    "deep/turned.jpg",
    "pixel.webp",
    "scan.tiff",
  ];
  assert.deepEqual(set.names, usable);
  assert.deepEqual([set.count, set.size, set.isReused], [6, SIZE, false]);
  assert.equal(set.report.listed, 14);
  assert.deepEqual(set.report.gray, ["gray.jpg", "gray16.png"]);
  const reasons = set.report.unreadable.map(({ name, reason }) => `${name} ${reason}`);
  const expected = [
    /^broken\.jpg does not exist; /,
    /^claims\.jpg claims 20000 x 20000 = 400,000,000 pixels, /,
    /^empty\.jpg is empty \(0 bytes\); /,
    /^random\.png is of no known format /,
    // Photos that fail at the same moment may take each other's reason out of the decoders' log.
    /^short\.jpg is damaged or cut short \(its file ends before the picture does\); /,
    /^vector\.jpg is an SVG drawing/,
  ];
  assert.equal(reasons.length, expected.length);
  expected.forEach((pattern, at) => assert.match(reasons[at]!, pattern));

  const pixels = await allPixels(set);
  for (const [row, name] of usable.entries()) {
    const alone = await decodeResized(`${place.photos}/${name}`, SIZE);
    assert.deepEqual(pixels.subarray(row * ROW_BYTES, (row + 1) * ROW_BYTES), alone, name);
    assert.equal(set.ids[row], sha256Of(await readFile(`${place.photos}/${name}`)));
  }
});

Deno.test("preparePhotos() makes the same file however many photos it decodes at a time", async () => {
  await using place = await Workplace.create(THREE_CATS);
  await using one = await place.prepare({ concurrency: 1 });
  const pixels = await allPixels(one);
  await using other = await place.prepare({ concurrency: 8, cacheFolder: `${place.photos}/../c8` });
  assert.equal(other.isReused, false);
  assert.equal(other.key, one.key);
  assert.deepEqual(await allPixels(other), pixels);
});

Deno.test("preparePhotos() tells how far it is", async () => {
  await using place = await Workplace.create(THREE_CATS);
  const told: PrepareProgress[] = [];
  await using set = await place.prepare({ onProgress: (progress) => told.push(progress) });
  assert.equal(set.count, 3);
  assert.deepEqual([told[0]!.done, told[0]!.total], [1, 3]);
  const last = told.at(-1)!;
  assert.deepEqual([last.done, last.total, last.secondsLeft], [3, 3, 0]);
  for (const { done, total, photosPerSecond, secondsLeft } of told) {
    assert.ok(photosPerSecond > 0);
    assert.ok(Math.abs(secondsLeft * photosPerSecond - (total - done)) < 1e-9);
  }
});

Deno.test("preparePhotos() uses again what is still the same", async () => {
  await using place = await Workplace.create({ ...THREE_CATS, "gray.jpg": "gray.jpg" });
  await using first = await place.prepare();
  const onProgress = () => assert.fail("nothing is decoded twice");
  await using again = await place.prepare({ onProgress });
  assert.equal(again.isReused, true);
  assert.deepEqual([again.key, again.names, again.ids], [first.key, first.names, first.ids]);
  assert.deepEqual(again.report, first.report);
  assert.deepEqual(await allPixels(again), await allPixels(first));
  // Touched, but the same.
  await utimes(`${place.photos}/a.jpg`, 1e9, 1e9);
  await using touched = await place.prepare({ onProgress });
  assert.equal(touched.isReused, true);
});

Deno.test("preparePhotos() does not read again what has kept its size and times", async () => {
  await using place = await Workplace.create(THREE_CATS);
  await using first = await place.prepare();
  const name = (await readdir(place.cacheFolder)).find((name) => name.startsWith("hashes-"))!;
  const { format } = JSON.parse(await readFile(`${place.cacheFolder}/${name}`, "utf8"));
  const { size, mtimeMs, ctimeMs } = await stat(`${place.photos}/a.jpg`);
  // Told that the photo is another one, it believes it: so it has not read it.
  const files = [["a.jpg", size, mtimeMs, ctimeMs, "0".repeat(64)]];
  await writeFile(`${place.cacheFolder}/${name}`, JSON.stringify({ format, files }));
  let isPreparedAnew = false;
  await using second = await place.prepare({ onProgress: () => isPreparedAnew = true });
  assert.deepEqual([second.isReused, isPreparedAnew], [false, true]);
  // To prepare it, it did read it.
  assert.equal(second.key, first.key);
});

const CHANGES: { what: string; change: (photos: string) => Promise<void>; count: number }[] = [
  {
    what: "a photo's content",
    change: (photos) => copyFile(photoPath("rocket.jpg"), `${photos}/a.jpg`),
    count: 3,
  },
  {
    what: "a photo's content, its length and time the same",
    change: async (photos) => {
      const bytes = await readFile(`${photos}/deep/c.tiff`);
      bytes.fill(99, 20_000, 21_000);
      await writeFile(`${photos}/deep/c.tiff`, bytes);
      await utimes(`${photos}/deep/c.tiff`, 1e9, 1e9);
    },
    count: 3,
  },
  {
    what: "one photo more",
    change: (photos) => copyFile(photoPath("rocket.jpg"), `${photos}/d.jpg`),
    count: 4,
  },
  {
    what: "another unreadable file",
    change: (photos) => writeFile(`${photos}/e.jpg`, "what is this"),
    count: 3,
  },
];

for (const { what, change, count } of CHANGES) {
  Deno.test(`preparePhotos() prepares anew after a change: ${what}`, async () => {
    await using place = await Workplace.create(THREE_CATS);
    await utimes(`${place.photos}/deep/c.tiff`, 1e9, 1e9);
    await using first = await place.prepare();
    const before = await allPixels(first);
    await using otherSize = await place.prepare({ size: 16 });
    assert.equal(otherSize.isReused, false);
    await change(place.photos);
    await using second = await place.prepare();
    assert.equal(second.isReused, false);
    assert.notEqual(second.key, first.key);
    assert.equal(second.count, count);
    const fresh = await Workplace.create({});
    await using _ = fresh;
    await using reference = await place.prepare({ cacheFolder: fresh.cacheFolder });
    assert.deepEqual(await allPixels(second), await allPixels(reference));
    // The old file has made room, and whoever had it open reads on.
    const files = (await readdir(place.cacheFolder)).filter((name) => name.endsWith(".rgb"));
    assert.equal(files.length, 2, files.join());
    assert.deepEqual(await allPixels(first), before);
  });
}

const DAMAGES: { what: string; damage: (set: PreparedSet) => Promise<void> }[] = [
  { what: "cut short", damage: ({ path }) => truncate(path, 2 * ROW_BYTES + 7) },
  { what: "too long", damage: ({ path }) => truncate(path, 4 * ROW_BYTES) },
  {
    what: "of a manifest with another letter",
    damage: async ({ path }) => {
      const manifest = path.replace(/rgb$/, "json");
      const text = await readFile(manifest, "utf8");
      await writeFile(manifest, text.replace("b.webp", "c.webp"));
    },
  },
  {
    what: "of an empty manifest",
    damage: ({ path }) => writeFile(path.replace(/rgb$/, "json"), ""),
  },
];

for (const { what, damage } of DAMAGES) {
  Deno.test(`preparePhotos() makes a prepared file again that is ${what}`, async () => {
    await using place = await Workplace.create(THREE_CATS);
    const first = await place.prepare();
    const pixels = await allPixels(first);
    await first[Symbol.asyncDispose]();
    await damage(first);
    await using second = await place.prepare();
    assert.equal(second.isReused, false);
    assert.deepEqual(second.names, first.names);
    assert.deepEqual(await allPixels(second), pixels);
    await using third = await place.prepare();
    assert.equal(third.isReused, true);
  });
}

Deno.test("preparePhotos() prepares anew what a reader that knew less left photos out of", async () => {
  await using place = await Workplace.create(THREE_CATS);
  const first = await place.prepare();
  await first[Symbol.asyncDispose]();
  // What a version before READER left behind that took the last photo for damaged.
  const manifestPath = first.path.replace(/rgb$/, "json");
  const manifest = parseManifest(await readFile(manifestPath, "utf8"));
  assert.ok(manifest?.looks);
  await truncate(first.path, 2 * ROW_BYTES);
  await writeFile(
    manifestPath,
    formatManifest({
      ...manifest,
      names: manifest.names.slice(0, 2),
      ids: manifest.ids.slice(0, 2),
      looks: {
        fingerprints: manifest.looks.fingerprints.slice(0, 2),
        shortSides: manifest.looks.shortSides.slice(0, 2),
      },
      unreadable: [{ name: "deep/c.tiff", reason: "is damaged" }],
    }),
  );
  await using second = await place.prepare();
  assert.deepEqual([second.isReused, second.count], [false, 3]);
  assert.deepEqual(second.report.unreadable, []);
  await using third = await place.prepare();
  assert.equal(third.isReused, true);
});

Deno.test("the reader is in a set's key where photos could not be read, and only there", async () => {
  await using place = await Workplace.create({ "a.jpg": "cat.jpg" });
  const keyWith = async (...more: readonly string[]) => {
    const hash = createHash("sha256").update(JSON.stringify({ algorithm: 1, size: SIZE }));
    for (const name of ["a.jpg", "b.jpg"]) {
      const bytes = await readFile(`${place.photos}/${name}`).catch(() => undefined);
      if (bytes !== undefined) hash.update(JSON.stringify([name, sha256Of(bytes)]));
    }
    return more.reduce((all, text) => all.update(text), hash).digest("hex");
  };
  await using whole = await place.prepare();
  assert.equal(whole.key, await keyWith());
  await writeFile(`${place.photos}/b.jpg`, await photoFile("odd/cut.jpg"));
  await using lacking = await place.prepare();
  assert.equal(lacking.key, await keyWith(JSON.stringify({ reader: READER })));
  await using again = await place.prepare();
  assert.deepEqual([again.isReused, again.key], [true, lacking.key]);
});

Deno.test("preparePhotos() may run several times at once on the same folder", async () => {
  await using place = await Workplace.create(THREE_CATS);
  const sets = await Promise.all([1, 2, 3].map((concurrency) => place.prepare({ concurrency })));
  try {
    const pixels = await allPixels(sets[0]!);
    for (const set of sets) assert.deepEqual(await allPixels(set), pixels);
    await using later = await place.prepare();
    assert.equal(later.isReused, true);
    assert.equal((await readdir(place.cacheFolder)).length, 3, "pixels, manifest, hashes");
  } finally {
    for (const set of sets) await set[Symbol.asyncDispose]();
  }
});

Deno.test("preparePhotos() leaves nothing behind when it is cancelled", async () => {
  await using place = await Workplace.create(THREE_CATS);
  const controller = new AbortController();
  const reason = new Error("enough");
  await assert.rejects(
    place.prepare({ signal: controller.signal, onProgress: () => controller.abort(reason) }),
    reason,
  );
  assert.deepEqual(await readdir(place.cacheFolder), []);
  await assert.rejects(place.prepare({ signal: AbortSignal.abort(reason) }), reason);
  await using set = await place.prepare();
  assert.equal(set.count, 3);
});

const NOTHING_USABLE = [
  {
    what: "only gray photos",
    files: { "a.jpg": "gray.jpg", "b.png": "gray16.png" },
    message:
      /All 2 photos in .*photos are gray, and gray photos teach no colors; add photos in color\./,
  },
  {
    what: "only unreadable photos",
    files: { "a.jpg": new Uint8Array(0), "b.jpg": new Uint8Array([1]) },
    message:
      /None of the 2 photos in .* can be trained on: 2 cannot be read; the first of them, a\.jpg, is empty/,
  },
  {
    what: "unreadable and gray photos",
    files: { "a.jpg": "gray.jpg", "b.jpg": new Uint8Array(0) },
    message:
      /None of the 2 photos in .*: 1 cannot be read and 1 other is gray; the first of them, b\.jpg, is empty/,
  },
];

for (const { what, files, message } of NOTHING_USABLE) {
  Deno.test(`preparePhotos() refuses a folder of ${what}`, async () => {
    await using place = await Workplace.create(files);
    await assert.rejects(place.prepare(), { code: "invalid_argument", message });
    assert.deepEqual(await readdir(place.cacheFolder), []);
  });
}

Deno.test("preparePhotos() keeps toned photos", async () => {
  const sepia = await fromRaw(
    paint(64, 64, (x, y) => [x * 3 + y, (x * 3 + y) * 0.85, (x * 3 + y) * 0.65]),
    64,
    64,
  )
    .png().toBuffer();
  const grayscale = await sharp(await photoBytes("cat.jpg")).grayscale().jpeg().toBuffer();
  await using place = await Workplace.create({ "sepia.png": sepia, "gray.jpg": grayscale });
  await using set = await place.prepare();
  assert.deepEqual(set.names, ["sepia.png"]);
});

Deno.test("preparePhotos() refuses numbers out of range", async () => {
  await using place = await Workplace.create(THREE_CATS);
  for (const wrong of [{ size: 0 }, { size: 4097 }, { size: 2.5 }, { concurrency: 0 }]) {
    await assert.rejects(place.prepare(wrong), RangeError);
  }
});
