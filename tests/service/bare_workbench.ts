import { TinctError } from "../../src/errors.ts";
import type { Picture, SheetToScale } from "../../src/fleet/sheet_scaler.ts";
import type { Workbench } from "../../src/fleet/workbench.ts";
import { scaleSheet } from "../../src/images/scale_sheet.ts";
import type { DatasetReport__Output } from "../../src/protocol/generated/tinct/v1/dataset_report.ts";
import type { PhotoPreview__Output } from "../../src/protocol/generated/tinct/v1/photo_preview.ts";
import type { NetworkReport__Output } from "../../src/protocol/generated/tinct/worker/v1/network_report.ts";
import type { ResourceReport__Output } from "../../src/protocol/generated/tinct/v1/resource_report.ts";

/** A workbench without workers: finds what it is told to, and scales sheets in this process. */
export class BareWorkbench implements Workbench {
  usablePhotos = 64;

  inspect(): Promise<DatasetReport__Output> {
    return Promise.resolve({
      photos: this.usablePhotos,
      usablePhotos: this.usablePhotos,
      grayPhotos: 0,
      brokenPhotos: 0,
      sizeBytes: 3,
      minSide: 16,
      maxSide: 32,
      problems: [],
      otherFormats: {},
      scanTime: { seconds: 1, nanos: 0 },
      sides: [],
      smallPhotos: 0,
      smallSide: 256,
      duplicatePhotos: 0,
      duplicates: [],
    });
  }

  preview(): Promise<readonly PhotoPreview__Output[]> {
    return Promise.resolve([]);
  }

  measure(): Promise<ResourceReport__Output> {
    return Promise.reject(new TinctError("resource_exhausted", "Another measurement runs."));
  }

  examine(): Promise<NetworkReport__Output> {
    return Promise.reject(new TinctError("resource_exhausted", "There is no worker."));
  }

  scaleSheet({ path, ...limits }: SheetToScale): Promise<Picture> {
    return scaleSheet(path, limits);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}
