import type { ServiceSettings } from "../config/service.ts";
import type { EventFeed } from "../jobs/event_feed.ts";
import type { Store } from "../jobs/store.ts";
import type { Colorizing } from "../colorizing/colorizing.ts";
import type { Workbench } from "../fleet/workbench.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import type { DatasetFolders } from "../datasets/dataset_folders.ts";
import type { DatasetReports } from "../datasets/dataset_reports.ts";
import type { FolderListings } from "../datasets/folder_listings.ts";
import type { Log } from "../log/log.ts";
import type { SamplePictures } from "./sample_pictures.ts";
import type { StatusMapper } from "../calls/status.ts";
import type { WeightsFiles } from "../weights/weights_files.ts";
import type { UsablePhotos } from "../datasets/usable_photos.ts";

/** What the handlers of all services work with; it belongs to the server's starter. */
export interface ServerContext {
  readonly store: Store;
  readonly feed: EventFeed;
  readonly pictures: SamplePictures;
  readonly supervisor: Supervisor;
  /** The one door of photos, counted where metrics are kept. */
  readonly colorizing: Colorizing;
  readonly workbench: Workbench;
  readonly settings: ServiceSettings;
  readonly datasets: DatasetFolders;
  readonly listings: FolderListings;
  readonly reports: DatasetReports;
  readonly usablePhotos: UsablePhotos;
  readonly weights: WeightsFiles;
  /** Absolute; paths in the store are relative to it. */
  readonly dataFolder: string;
  readonly status: StatusMapper;
  readonly log: Log;
  /** Version of the TensorFlow library; "" where it is not known. */
  readonly tensorflowVersion: string;
}
