import { Buffer } from "node:buffer";
import { counted, countedWith } from "../words.ts";
import { FINGERPRINT_BYTES } from "./fingerprint.ts";
import { groupNearDuplicates } from "./near_duplicates.ts";
import type { PreparedSet } from "./prepared_set.ts";
import { type Split, splitSet } from "./split_set.ts";

/** The photos that can be trained on, each by its place. */
export interface UsablePhotos {
  readonly names: readonly string[];
  /** See fingerprintOf. */
  readonly fingerprints: readonly Uint8Array[];
  /** Their shorter sides as stored, in pixels. */
  readonly shortSides: readonly number[];
}

/** What is odd about photos that can be trained on. */
export interface PhotoFindings {
  /** Groups of near-duplicates, by name. */
  readonly duplicates: readonly (readonly string[])[];
  /** Validation photos with a near-duplicate that is trained on; undefined where nothing is split. */
  readonly leaked: number | undefined;
  /** Photos whose shorter side is under the training size: they are enlarged. */
  readonly small: readonly string[];
  /** How many photos have a shorter side of at least `from` pixels, and under the next one's. */
  readonly sides: readonly { readonly from: number; readonly photos: number }[];
}

/** Where the sizes of photos are parted: powers of two, as training sizes mostly are. */
const SIDE_STEPS = [1, 64, 128, 256, 512, 1024, 2048, 4096] as const;

/**
 * Looks for near-duplicates and for photos that are too small; 100,000 photos take about a second.
 *
 * @param options `size`: the training size in pixels; `split`: what is trained on and judged by.
 */
export function findOddities(
  { names, fingerprints, shortSides }: UsablePhotos,
  { size, split }: { readonly size: number; readonly split?: Split | undefined },
): PhotoFindings {
  const all = new Uint8Array(fingerprints.length * FINGERPRINT_BYTES);
  fingerprints.forEach((each, index) => all.set(each, index * FINGERPRINT_BYTES));
  const groups = groupNearDuplicates(all);
  const nameOf = (index: number) => names[index]!;
  return {
    duplicates: groups.map((group) => group.map(nameOf)),
    leaked: split && leakedOf(groups, split),
    small: names.filter((_, index) => shortSides[index]! < size),
    sides: SIDE_STEPS.map((from, at) => {
      const next = SIDE_STEPS[at + 1] ?? Infinity;
      return { from, photos: shortSides.filter((side) => side >= from && side < next).length };
    }).filter(({ photos }) => photos > 0),
  };
}

/** How many photos are copies of others: all but one of each group. */
export function copiesIn(duplicates: PhotoFindings["duplicates"]): number {
  return duplicates.reduce((sum, group) => sum + group.length - 1, 0);
}

function leakedOf(groups: readonly (readonly number[])[], { validation }: Split): number {
  const judged = new Set(validation);
  return groups.reduce((sum, group) => {
    const held = group.filter((index) => judged.has(index)).length;
    return sum + (held < group.length ? held : 0);
  }, 0);
}

/**
 * What is odd about the photos of a prepared set, from what was noted when it was prepared: no photo
 * is read.
 *
 * @returns undefined for generated pictures, and for sets from before such notes were kept.
 */
export function odditiesOfSet(
  { names, ids, size, looks }: PreparedSet,
  { seed, validationFraction }: { readonly seed: number; readonly validationFraction: number },
): PhotoFindings | undefined {
  if (looks === undefined) return undefined;
  const fingerprints = looks.fingerprints.map((text) => Buffer.from(text, "base64"));
  const split = splitSet(ids, { seed, validationFraction });
  return findOddities({ names, fingerprints, shortSides: looks.shortSides }, { size, split });
}

/** What a person should know of it before training, a sentence each; empty where nothing is odd. */
export function describeOddities(
  { duplicates, leaked = 0, small }: PhotoFindings,
  size: number,
): string[] {
  const sentences: string[] = [];
  const copies = copiesIn(duplicates);
  if (copies > 0) {
    const [a, b] = duplicates[0] ?? [];
    const are = ["is a near-duplicate of another", "are near-duplicates of others"] as const;
    const such = copies === 1 ? "" : "such as ";
    sentences.push(`${countedWith(copies, "photo", are)}, ${such}${b} of ${a}.`);
  }
  if (leaked > 0) {
    sentences.push(
      `${countedWith(leaked, "validation photo", ["has", "have"])} a near-duplicate among those ` +
        "that are trained on: " +
        "validations will look better than they are.",
    );
  }
  if (small.length > 0) {
    sentences.push(
      small.length === 1
        ? `1 photo is smaller than ${size} pixels and is enlarged, ${small[0]}.`
        : `${counted(small.length, "photo")} are smaller than ${size} pixels and are enlarged, ` +
          `such as ${small[0]}.`,
    );
  }
  return sentences;
}
