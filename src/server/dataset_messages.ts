import type { Dataset } from "../jobs/dataset.ts";
import type { JsonObject } from "../jobs/json.ts";
import { messageJson } from "../supervision/worker_events.ts";
import type { Dataset as DatasetMessage } from "../protocol/generated/tinct/v1/dataset.ts";
import type {
  DatasetReport,
  DatasetReport__Output,
} from "../protocol/generated/tinct/v1/dataset_report.ts";
import { timestampOf } from "../protocol/times.ts";
import type { FolderSummary } from "../datasets/folder_listings.ts";

/** The message of an uploaded dataset. @param found in its folder, while that is not complete. */
export function uploadedDataset(dataset: Dataset, found?: FolderSummary): DatasetMessage {
  return {
    name: dataset.name,
    state: `DATASET_STATE_${dataset.state}`,
    source: "DATASET_SOURCE_UPLOAD",
    photos: found?.files ?? dataset.photoCount,
    sizeBytes: found?.sizeBytes ?? dataset.sizeBytes,
    createTime: timestampOf(dataset.createdAtMs),
    updateTime: timestampOf(dataset.updatedAtMs),
  };
}

/** The message of a folder under the data root. */
export function placedDataset(
  name: string,
  { files, sizeBytes }: FolderSummary,
): DatasetMessage {
  return {
    name,
    state: "DATASET_STATE_READY",
    source: "DATASET_SOURCE_FOLDER",
    photos: files,
    sizeBytes,
  };
}

/** What the store keeps of a report. */
export function reportJson(report: DatasetReport__Output): JsonObject {
  return messageJson({ ...report, problems: report.problems.slice(0, 1000) });
}

/** The message of a report that was kept; written by `reportJson`. */
export function reportMessage(report: JsonObject | undefined): DatasetReport | null {
  return report === undefined ? null : report as DatasetReport;
}
