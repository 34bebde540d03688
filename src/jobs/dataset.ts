import type { JsonObject } from "./json.ts";

/** UPLOADING: photos still arrive and jobs may not use it; READY: complete. */
export type DatasetState = "UPLOADING" | "READY";

/** An uploaded dataset. */
export interface Dataset extends DatasetCounts {
  readonly name: string;
  readonly state: DatasetState;
  /** What the scan of the photos found; defined once READY, but in lists. */
  readonly report: JsonObject | undefined;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** How many photos a dataset has. */
export interface DatasetCounts {
  readonly photoCount: number;
  readonly sizeBytes: number;
  /** Photos without colour. */
  readonly grayCount: number;
  /** Files that could not be decoded. */
  readonly brokenCount: number;
}

/** How many uploaded datasets there may be. */
export interface DatasetLimits {
  readonly all: number;
  /** Those whose upload has not ended. */
  readonly unfinished: number;
  /** Those of them that one client began. */
  readonly unfinishedPerClient: number;
}
