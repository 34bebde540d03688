import { removeFolderAtomically } from "../files/atomic_write.ts";
import { pathExists } from "../files/temporary_names.ts";
import type { Store } from "../jobs/store.ts";
import type { HeldLease } from "../leases/held_lease.ts";

/**
 * Removes the files of a version that did not come to be. Where the lease on the model's name was lost they
 * may be another server's by now, and stay.
 *
 * @param folder where they lie. @param path the same, as the store has it.
 */
export async function removeUnnamed(
  store: Pick<Store, "models">,
  { folder, path }: { readonly folder: string; readonly path: string },
  lease: HeldLease,
): Promise<void> {
  if (lease.lost.aborted || (await store.models.at(path)).length > 0) return;
  if (await pathExists(folder)) await removeFolderAtomically(folder);
}
