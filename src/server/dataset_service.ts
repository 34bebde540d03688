import { rm } from "node:fs/promises";
import type { ServerReadableStream } from "@grpc/grpc-js";
import { TinctError } from "../errors.ts";
import { hasKeptPhotos, preparedFolder } from "../jobs/kept_photos.ts";
import type { DatasetServiceHandlers } from "../protocol/generated/tinct/v1/dataset_service.ts";
import type { UploadDatasetRequest__Output } from "../protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse } from "../protocol/generated/tinct/v1/upload_dataset_response.ts";
import type { CallScope } from "./call.ts";
import type { ServerContext } from "./context.ts";
import { placedDataset, reportMessage, uploadedDataset } from "./dataset_messages.ts";
import { fitPage, pageOf, requireField } from "./fields.ts";
import { pageOfNames } from "./name_page.ts";
import { removeKnown } from "./remove_known.ts";
import { inUse, noUploads, receiveDataset } from "./upload_dataset.ts";
import { UploadFolder } from "./upload_folder.ts";

/** The calls of tinct.v1.DatasetService. */
export function datasetHandlers(context: ServerContext): DatasetServiceHandlers {
  const { calls, store, datasets, supervisor } = context;
  const uploads = noUploads(context);
  const upload = (
    call: ServerReadableStream<UploadDatasetRequest__Output, UploadDatasetResponse>,
    scope: CallScope,
  ) => receiveDataset(context, uploads, call, scope);

  return {
    UploadDataset: calls.clientStream(upload),

    ListDatasetFiles: calls.unary(async ({ dataset, ...page }) => {
      requireField(dataset, "dataset");
      const files = await filesOf(context, dataset);
      const names = files.map(({ fileName }) => fileName);
      return await fitPage(pageOf(page, 1000), (fitting) => {
        const { from, to, nextPageToken } = pageOfNames(names, fitting);
        return Promise.resolve({ files: files.slice(from, to), nextPageToken });
      });
    }),

    ListDatasets: calls.unary(async (request) => {
      const uploaded = new Map<string, Awaited<ReturnType<typeof store.datasets.get>>>();
      for (let pageToken = "";;) {
        const page = await store.datasets.list({ pageSize: 1000, pageToken });
        for (const dataset of page.datasets) uploaded.set(dataset.name, dataset);
        pageToken = page.nextPageToken;
        if (pageToken === "") break;
      }
      const placed = new Set(await datasets.placedNames());
      const names = [...new Set([...uploaded.keys(), ...placed])].sort();
      const { from, to, nextPageToken } = pageOfNames(names, pageOf(request));
      const listed = names.slice(from, to).map((name) => describe(context, name));
      return { datasets: await Promise.all(listed), nextPageToken };
    }),

    GetDataset: calls.unary(async ({ dataset: name }, { signal }) => {
      requireField(name, "dataset");
      const dataset = await describe(context, name);
      const placed = await datasets.placed(name);
      if (placed === undefined) {
        return { dataset, report: reportMessage((await store.datasets.get(name)).report) };
      }
      return { dataset, report: await supervisor.inspect(placed, { signal }) };
    }),

    DeleteDataset: calls.unary(async ({ dataset: name }) => {
      requireField(name, "dataset");
      if (await datasets.placed(name) !== undefined) {
        throw new TinctError(
          "failed_precondition",
          `The dataset ${name} is a folder under the server's data root; remove it there.`,
        );
      }
      await store.datasets.get(name);
      if (uploads.busy.has(name)) throw inUse(name);
      uploads.busy.add(name);
      try {
        await refuseWhileNeeded(context, name);
        await rm(preparedFolder(context.dataFolder, name), { recursive: true, force: true });
        await removeKnown(datasets.upload(name).path, () => store.datasets.delete(name));
        await uploads.quota.delete(name);
      } finally {
        uploads.busy.delete(name);
      }
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

async function filesOf(context: ServerContext, name: string) {
  const placed = await context.datasets.placed(name);
  if (placed !== undefined) return await new UploadFolder(placed).list();
  await context.store.datasets.get(name);
  return await context.datasets.upload(name).list();
}

async function describe(context: ServerContext, name: string) {
  const placed = await context.datasets.placed(name);
  if (placed !== undefined) return placedDataset(name, await new UploadFolder(placed).list());
  const dataset = await context.store.datasets.get(name);
  if (dataset.state === "READY") return uploadedDataset(dataset);
  return uploadedDataset(dataset, await context.datasets.upload(name).list());
}
