import { basename, join } from "node:path";
import { describeOthers } from "./other_formats.ts";
import { listPhotos } from "./photo_folder.ts";

/** A photo that a person named, itself or by its folder. */
export interface NamedPhoto {
  readonly path: string;
  /** Where it lies below the folder that was named; of a photo that was named itself its file name. */
  readonly place: string;
  /** As the person would name it: below the folder as it was given. */
  readonly name: string;
}

/** What a walk over the names found besides photos. */
export interface LeftOfNames {
  /** What could not be listed, each a sentence. */
  readonly unlisted: readonly string[];
  /** What of the folders was left out for its format, a sentence; undefined: nothing. */
  readonly leftOut: string | undefined;
}

/**
 * Walks over photos and folders in their order.
 *
 * @param operands their paths.
 * @param options `isFolder` says which are folders; `onPhoto` takes each photo, one after the other,
 *   and whether it was found in a folder.
 * @throws {TinctError} as `listPhotos`, and what the options throw; the signal's reason.
 */
export async function walkNamedPhotos(
  operands: readonly string[],
  { isFolder, onPhoto, signal }: {
    readonly isFolder: (operand: string) => Promise<boolean>;
    readonly onPhoto: (photo: NamedPhoto, isFound: boolean) => Promise<void>;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<LeftOfNames> {
  const unlisted: string[] = [];
  const others = new Map<string, number>();
  for (const operand of operands) {
    signal?.throwIfAborted();
    if (!(await isFolder(operand))) {
      await onPhoto({ path: operand, place: basename(operand), name: operand }, false);
      continue;
    }
    const listing = await listPhotos(operand, { signal });
    for (const [format, count] of listing.others) {
      others.set(format, (others.get(format) ?? 0) + count);
    }
    for (const place of listing.names) {
      await onPhoto({ path: join(listing.folder, place), place, name: join(operand, place) }, true);
    }
    for (const { name, reason } of listing.unreadable) {
      unlisted.push(`${join(operand, name)} ${reason}.`);
    }
  }
  return { unlisted, leftOut: describeOthers(others) };
}
