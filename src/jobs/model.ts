import type { JsonObject } from "./json.ts";

/** A promoted checkpoint: never changes, and its number is never given to another. */
export interface ModelVersion {
  readonly name: string;
  /** 1 for the first version of a name, then counted up, also over deletions. */
  readonly version: number;
  /** The job it comes from, which may be deleted by now. */
  readonly jobId: string;
  readonly step: number;
  /** Relative to the data folder; a copy of its own, not the job's. */
  readonly path: string;
  readonly sizeBytes: number;
  /** What is known of it, such as its configuration and validation. */
  readonly details: JsonObject;
  readonly createdAtMs: number;
}

/** What is promoted. */
export type NewModelVersion = Omit<ModelVersion, "version" | "createdAtMs">;
