import type { InspectionConfig } from "../fleet/inspect_dataset.ts";
import type { Workbench } from "../fleet/workbench.ts";
import type { DatasetReport__Output } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { FolderListings } from "./folder_listings.ts";
import { StampedWork } from "./stamped_work.ts";

/** Reports that are kept; each has at most some 800 KiB. */
const MAX_KEPT = 16;

/**
 * What workers find in folders that nobody uploaded. A worker looks at a folder once for all calls that
 * ask, and its report is kept until a file of the folder changes.
 */
export class DatasetReports {
  readonly #listings: FolderListings;
  readonly #inspect: Workbench["inspect"];
  readonly #looks = new StampedWork<DatasetReport__Output>(MAX_KEPT);

  /** @param inspect see `Workbench.inspect`. */
  constructor(listings: FolderListings, inspect: Workbench["inspect"]) {
    this.#listings = listings;
    this.#inspect = inspect;
  }

  /**
   * The report of a folder.
   *
   * @param folder absolute.
   * @param config how its photos would be trained on; undefined: they are not split.
   * @throws what `Workbench.inspect` and `FolderListings.list` throw; the signal's reason.
   */
  async of(
    folder: string,
    config: InspectionConfig | undefined,
    signal: AbortSignal,
  ): Promise<DatasetReport__Output> {
    const { stamp } = await this.#listings.list(folder, signal);
    const { size, seed, validationFraction } = config ?? {};
    const key = JSON.stringify([folder, size, seed, validationFraction]);
    const begin = (unwanted: AbortSignal) => this.#inspect(folder, { config, signal: unwanted });
    return await this.#looks.of(key, stamp, begin).join(signal);
  }
}
