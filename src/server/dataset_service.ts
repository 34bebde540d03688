import { removeTree } from "../files/folder_tree.ts";
import { preparedFolder } from "../files/data_folder.ts";
import { TinctError } from "../errors.ts";
import type { Dataset } from "../jobs/dataset.ts";
import { hasKeptPhotos } from "../supervision/kept_photos.ts";
import type { Dataset as DatasetMessage } from "../protocol/generated/tinct/v1/dataset.ts";
import { faultOf } from "../protocol/faults.ts";
import type { ServerContext } from "./context.ts";
import { placedDataset, reportMessage, uploadedDataset } from "./dataset_messages.ts";
import { clientStream, type ServiceMethods, unary } from "../calls/methods.ts";
import { findTokenFault, fitPage, pageOf } from "../calls/fields.ts";
import { pageOfNames } from "./name_page.ts";
import { thoseThere } from "./those_there.ts";
import { removeKnown } from "../files/remove_known.ts";
import { noUploads, receiveDataset } from "./upload_dataset.ts";
import { receivePieces } from "./upload_pieces.ts";

/** The calls of tinct.v1.DatasetService. */
export function datasetMethods(context: ServerContext): ServiceMethods<"tinct.v1.DatasetService"> {
  const { store, datasets, reports } = context;
  const uploads = noUploads(context);
  return {
    UploadDataset: clientStream((requests, scope) =>
      receiveDataset(context, uploads, requests, scope)
    ),

    UploadPieces: unary((request, scope) => receivePieces(context, uploads, request, scope)),

    ListDatasetFiles: unary(async ({ dataset, ...page }, { signal }) => {
      const folder = await datasets.placed(dataset) ?? await uploadedFolder(context, dataset);
      const { names, sizes } = await context.listings.list(folder, signal);
      return await fitPage(pageOf(page, 1000), (fitting) => {
        const { from, to, nextPageToken } = pageOfNames(names, fitting);
        const files = names.slice(from, to)
          .map((fileName, index) => ({ fileName, sizeBytes: sizes[from + index] ?? 0 }));
        return Promise.resolve({ files, nextPageToken });
      });
    }, findTokenFault((page) => pageOfNames([], page))),

    PreviewPhotos: unary(async ({ dataset, fileNames, maxSide }, { signal }) => {
      const folder = await datasets.folderOf(dataset);
      const { names } = await context.listings.list(folder, signal);
      // No name but one of the listing becomes a path.
      const known = new Set(names);
      const made = await context.workbench.preview(folder, {
        fileNames: [...new Set(fileNames)].filter((name) => known.has(name)),
        maxSide: maxSide || 160,
      }, { signal });
      const byName = new Map(made.map((photo) => [photo.fileName, photo]));
      const missing = (fileName: string) =>
        faultOf(
          new TinctError(
            "not_found",
            `The dataset ${dataset} has no file ${JSON.stringify(fileName.slice(0, 100))}.`,
          ),
        );
      return {
        photos: fileNames.map((fileName) =>
          byName.get(fileName) ?? { fileName, fault: missing(fileName) }
        ),
      };
    }),

    ListDatasets: unary(async (request, { signal }) => {
      const uploaded = new Map<string, Dataset>();
      for (let pageToken = "";;) {
        const page = await store.datasets.list({ pageSize: 1000, pageToken });
        for (const dataset of page.datasets) uploaded.set(dataset.name, dataset);
        pageToken = page.nextPageToken;
        if (pageToken === "") break;
      }
      const placed = new Set(await datasets.placedNames());
      const names = [...new Set([...uploaded.keys(), ...placed])].sort();
      const { from, to, nextPageToken } = pageOfNames(names, pageOf(request));
      const listed = names.slice(from, to)
        .map((name) => describe(context, name, signal, uploaded.get(name)));
      return { datasets: await thoseThere(listed), nextPageToken };
    }, findTokenFault((page) => pageOfNames([], page))),

    GetDataset: unary(async ({ dataset: name }, { signal }) => {
      const dataset = await describe(context, name, signal);
      const placed = await datasets.placed(name);
      if (placed === undefined) {
        return { dataset, report: reportMessage((await store.datasets.get(name)).report) };
      }
      return { dataset, report: await reports.of(placed, undefined, signal) };
    }),

    DeleteDataset: unary(async ({ dataset: name }) => {
      if (await datasets.placed(name) !== undefined) {
        throw new TinctError(
          "failed_precondition",
          `The dataset ${name} is a folder under the server's data root; remove it there.`,
        );
      }
      await store.datasets.get(name);
      await uploads.names.alone(name, async (lease) => {
        await uploads.kept.drop(name);
        await refuseWhileNeeded(context, name);
        lease.requireHeld();
        await removeTree(preparedFolder(context.dataFolder, name));
        await removeKnown(datasets.upload(name).path, async () => {
          lease.requireHeld(); // what was prepared may have been much
          await store.datasets.delete(name);
        });
        await uploads.quota.delete(name);
      });
      return {};
    }),
  };
}

/** A job goes on without its dataset once it has kept what was prepared of it. */
async function refuseWhileNeeded({ store, dataFolder }: ServerContext, name: string) {
  const states = ["QUEUED", "RUNNING", "PAUSING", "PAUSED"] as const;
  for (let pageToken = "";;) {
    const page = await store.jobs.list({ states }, { pageSize: 1000, pageToken });
    const needing = page.jobs.find(({ id, dataset }) =>
      dataset === name && !hasKeptPhotos(dataFolder, id)
    );
    if (needing) {
      throw new TinctError(
        "failed_precondition",
        `Job ${needing.id} is ${needing.state} and has not prepared the photos of the dataset ` +
          `${name} yet; cancel it first, or wait until it trains.`,
      );
    }
    pageToken = page.nextPageToken;
    if (pageToken === "") return;
  }
}

/** The folder of a dataset that was uploaded or is. @throws {TinctError} not_found. */
async function uploadedFolder({ store, datasets }: ServerContext, name: string): Promise<string> {
  await store.datasets.get(name);
  return datasets.upload(name).path;
}

async function describe(
  { store, datasets, listings }: ServerContext,
  name: string,
  signal: AbortSignal,
  known?: Dataset,
): Promise<DatasetMessage> {
  const placed = await datasets.placed(name);
  if (placed !== undefined) return placedDataset(name, await listings.summary(placed, signal));
  const dataset = known ?? await store.datasets.get(name);
  if (dataset.state === "READY") return uploadedDataset(dataset);
  return uploadedDataset(dataset, await listings.summary(datasets.upload(name).path, signal));
}
