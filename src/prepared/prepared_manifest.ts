import { createHash } from "node:crypto";
import type { Unreadable } from "../images/photo_folder.ts";

/** What a prepared file holds; it lies beside it as JSON. */
export interface Manifest {
  /** SHA-256 over all that the pixels depend on: the photos' names and contents, the settings. */
  readonly key: string;
  /** Pixels along a side. */
  readonly size: number;
  /** One name for each row of pixels, in their order. */
  readonly names: readonly string[];
  /** What tells a picture's content apart from all others, in the same order. */
  readonly ids: readonly string[];
  /** How many photos were found, usable or not. */
  readonly listed: number;
  readonly unreadable: readonly Unreadable[];
  /** Names of the photos that were left out because they are gray. */
  readonly gray: readonly string[];
  /** How pixels were made of a photo; absent where it was made before it was kept, which was 1. */
  readonly algorithm?: number | undefined;
  /** Absent for generated pictures, and where it was made before they were kept. */
  readonly looks?: ManifestLooks | undefined;
}

/** What is known of the photos themselves, in the order of their rows. */
export interface ManifestLooks {
  /** As base64; see fingerprintOf. */
  readonly fingerprints: readonly string[];
  /** The shorter side of each as stored, in pixels. */
  readonly shortSides: readonly number[];
}

const FORMAT = "tinct prepared photos 1";

/** The manifest as text: the same manifest gives the same text. */
export function formatManifest(manifest: Manifest): string {
  const { key, size, names, ids, listed, unreadable, gray, algorithm, looks } = manifest;
  const body = JSON.stringify({
    ...{ key, size, names, ids, listed, unreadable, gray },
    ...{ algorithm, looks },
  });
  return JSON.stringify({ format: FORMAT, sha256: checksum(body) }) + "\n" + body + "\n";
}

/** Reads a manifest; undefined when its text is not exactly what formatManifest wrote. */
export function parseManifest(text: string): Manifest | undefined {
  const [head, body] = text.split("\n");
  if (head === undefined || body === undefined) return undefined;
  if (head !== JSON.stringify({ format: FORMAT, sha256: checksum(body) })) return undefined;
  // The checksum vouches for the shape: these are the bytes that formatManifest made.
  return JSON.parse(body) as Manifest;
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
