import assert from "assert";
import sharp, { type Sharp } from "sharp";
import { decodeResized } from "../../src/images/decode.ts";
import { FINGERPRINT_BYTES, fingerprintOf } from "../../src/prepared/fingerprint.ts";
import { groupNearDuplicates, MAX_BITS_APART } from "../../src/prepared/near_duplicates.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { paint, photoBytes } from "../images/test_photos.ts";

const SIZE = 128;

function packed(fingerprints: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(fingerprints.length * FINGERPRINT_BYTES);
  fingerprints.forEach((each, index) => all.set(each, index * FINGERPRINT_BYTES));
  return all;
}

async function fingerprintOfFile(bytes: Uint8Array): Promise<Uint8Array> {
  return fingerprintOf(await decodeResized(bytes, SIZE), SIZE);
}

Deno.test("a photo is known again when it was scaled, recompressed, blurred or brightened", async () => {
  const bytes = await photoBytes("cat.jpg");
  const own = await fingerprintOfFile(bytes);
  const cat = () => sharp(bytes);
  const copies: Record<string, Sharp> = {
    "half the size": cat().resize(226).png(),
    "an eighth of the size": cat().resize(56).png(),
    "JPEG of quality 10": cat().jpeg({ quality: 10 }),
    WebP: cat().webp({ quality: 40 }),
    "blurred": cat().blur(2).png(),
    "brighter": cat().linear(1.1, 5).png(),
    "more saturated": cat().modulate({ saturation: 1.3 }).png(),
  };
  for (const [what, copy] of Object.entries(copies)) {
    const other = await fingerprintOfFile(await copy.toBuffer());
    assert.deepEqual(groupNearDuplicates(packed([own, other])), [[0, 1]], what);
  }
  // What it does not know again, as it says.
  const mirrored = await fingerprintOfFile(await cat().flop().png().toBuffer());
  assert.deepEqual(groupNearDuplicates(packed([own, mirrored])), []);
});

Deno.test("of 1500 different scenes none are taken for near-duplicates", () => {
  const scenes = Array.from(
    { length: 1500 },
    (_, index) => fingerprintOf(renderScene(index, { size: 36 }), 36),
  );
  assert.deepEqual(groupNearDuplicates(packed(scenes)), []);
});

Deno.test("pictures of one colour are told apart by it alone", () => {
  const flat = (red: number, green: number, blue: number) =>
    fingerprintOf(paint(20, 20, () => [red, green, blue]), 20);
  const pictures = [flat(200, 30, 30), flat(30, 200, 30), flat(202, 32, 28), flat(30, 30, 200)];
  assert.deepEqual(groupNearDuplicates(packed(pictures)), [[0, 2]]);
});

Deno.test("the bits are those of brightness that grows to the right and downwards", () => {
  const bitsOf = (color: (x: number, y: number) => number) => {
    const rgb = paint(90, 90, (x, y) => [color(x, y), color(x, y), color(x, y)]);
    return fingerprintOf(rgb, 90).subarray(0, FINGERPRINT_BYTES - 12)
      .reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
  };
  assert.equal(bitsOf(() => 100), 0);
  assert.equal(bitsOf((x) => 2 * x), 72);
  assert.equal(bitsOf((_, y) => 2 * y), 72);
  assert.equal(bitsOf((x, y) => x + y), 144);
  assert.equal(bitsOf((x, y) => 200 - x - y), 0);
  assert.equal(bitsOf((x, y) => 100 + (x * 7 + y * 13) % 4), 0, "noise");
  assert.throws(() => fingerprintOf(new Uint8Array(5), 2), RangeError);
  assert.equal(fingerprintOf(new Uint8Array(3), 1).length, FINGERPRINT_BYTES);
});

/** Numbers from 0 to below 2^32 that look random: mulberry32. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/** Random fingerprints, of which some differ from an earlier one in so many bits. */
function withCopies(count: number, copies: ReadonlyMap<number, readonly [number, number]>) {
  const next = numbers(1);
  const all = new Uint8Array(count * FINGERPRINT_BYTES).map(() => next());
  for (const [copy, [of, bits]] of copies) {
    const [at, from] = [copy * FINGERPRINT_BYTES, of * FINGERPRINT_BYTES];
    all.copyWithin(at, from, from + FINGERPRINT_BYTES);
    const flipped = new Set<number>();
    while (flipped.size < bits) flipped.add(next() % 144);
    for (const bit of flipped) all[at + (bit >> 3)]! ^= 1 << (bit & 7);
  }
  return all;
}

Deno.test("every pair within the limit is found, and no pair beyond it", () => {
  const copies = new Map<number, readonly [number, number]>();
  for (let i = 0; i < 400; i++) copies.set(1000 + i, [i, i % 24]);
  const groups = groupNearDuplicates(withCopies(1400, copies));
  const expected = [...copies].filter(([, [, bits]]) => bits <= MAX_BITS_APART)
    .map(([copy, [of]]) => [of, copy]);
  assert.deepEqual(groups, expected);
});

Deno.test("100,000 photos are grouped in seconds, many equal ones too", () => {
  const copies = new Map<number, readonly [number, number]>();
  for (let i = 0; i < 1000; i++) copies.set(50_000 + i, [i, 5]);
  for (let i = 0; i < 20_000; i++) copies.set(70_000 + i, [2000, 0]);
  const startedMs = performance.now();
  const groups = groupNearDuplicates(withCopies(100_000, copies));
  const seconds = (performance.now() - startedMs) / 1000;
  assert.equal(groups.length, 1001);
  assert.equal(groups.find(([first]) => first === 2000)?.length, 20_001);
  // 0.8 s when this was written, on a busy machine; comparing each with each would take minutes.
  assert.ok(seconds < 20, `${seconds} s`);
});
