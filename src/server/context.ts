import type { EventFeed } from "../jobs/event_feed.ts";
import type { ColorizeContext } from "../colorize_calls/context.ts";
import type { Workbench } from "../fleet/workbench.ts";
import type { Supervisor } from "../supervision/supervisor.ts";
import type { DatasetFolders } from "../datasets/dataset_folders.ts";
import type { DatasetReports } from "../datasets/dataset_reports.ts";
import type { FolderListings } from "../datasets/folder_listings.ts";
import type { Log } from "../log/log.ts";
import type { SamplePictures } from "./sample_pictures.ts";
import type { WeightsFiles } from "../weights/weights_files.ts";
import type { UsablePhotos } from "../datasets/usable_photos.ts";

/** What the handlers of all services work with; it belongs to the server's starter. */
export interface ServerContext extends ColorizeContext {
  readonly feed: EventFeed;
  readonly pictures: SamplePictures;
  readonly supervisor: Supervisor;
  readonly workbench: Workbench;
  readonly datasets: DatasetFolders;
  readonly listings: FolderListings;
  readonly reports: DatasetReports;
  readonly usablePhotos: UsablePhotos;
  readonly weights: WeightsFiles;
  readonly log: Log;
  /** Version of the TensorFlow library; "" where it is not known. */
  readonly tensorflowVersion: string;
}
