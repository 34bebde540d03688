import { TinctError } from "../errors.ts";
import type { DatasetReport__Output } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { PhotoPreview__Output } from "../protocol/generated/tinct/v1/photo_preview.ts";
import type { ResourceReport__Output } from "../protocol/generated/tinct/v1/resource_report.ts";
import type { NetworkReport__Output } from "../protocol/generated/tinct/worker/v1/network_report.ts";
import type { SlotStatus } from "./device_slots.ts";
import { examineNetwork, type NetworkToExamine } from "./examine_network.ts";
import { inspectDataset, type InspectionOptions } from "./inspect_dataset.ts";
import { type Measurement, measureTraining } from "./measure_training.ts";
import { previewPhotos, type WantedPreviews } from "./preview_photos.ts";
import { type Picture, SheetScaler, type SheetToScale } from "./sheet_scaler.ts";
import { Turnstile } from "./turnstile.ts";
import type { FleetSetting } from "./worker_environment.ts";

/**
 * Short work for workers that is no job: looking at datasets and at networks of other programs,
 * measuring a training step, scaling sample sheets. Disposing of it ends all of it, and what waits fails with unavailable.
 */
export interface Workbench extends AsyncDisposable {
  /**
   * Has a worker look at every photo of a folder; there may be none. Only so many work at a
   * time; the others wait.
   *
   * @param folder absolute.
   * @throws {TinctError} not_found, resource_exhausted (too many wait), and what the worker failed
   *   with; the signal's reason.
   */
  inspect(
    folder: string,
    options?: InspectionOptions & { readonly signal?: AbortSignal | undefined },
  ): Promise<DatasetReport__Output>;
  /**
   * Has a worker make small pictures of photos of a folder. Only so many work at a time; the others wait.
   *
   * @param folder absolute.
   * @returns in the order of the names; a photo that cannot be decoded has a fault.
   * @throws {TinctError} not_found, resource_exhausted (too many wait), unavailable (the worker was
   *   lost); the signal's reason.
   */
  preview(
    folder: string,
    wanted: WantedPreviews,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<readonly PhotoPreview__Output[]>;
  /**
   * Has a worker train a few steps on the first device, whether a job runs there or not.
   *
   * @throws {TinctError} resource_exhausted: another measurement runs, or the worker was lost, most
   *   likely for want of memory; failed_precondition: no jobs run here; what the worker failed with;
   *   the signal's reason.
   */
  measure(
    measurement: Measurement,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<ResourceReport__Output>;
  /**
   * Has a worker of its own read and compute a network of another program; one at a time, the others
   * wait.
   *
   * @throws {TinctError} what is wrong with the network or its profile; resource_exhausted: too many
   *   wait, or the worker was lost, most likely for want of memory; the signal's reason.
   */
  examine(
    network: NetworkToExamine,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<NetworkReport__Output>;
  /**
   * Has a worker scale a sample sheet, one at a time. The first call starts the worker, which ends when
   * no more sheets come.
   *
   * @throws {TinctError} not_found (its file is gone), data_loss (it is no PNG), resource_exhausted
   *   (too many sheets wait), unavailable (the worker was lost, or the server stops); the signal's reason.
   */
  scaleSheet(
    sheet: SheetToScale,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<Picture>;
}

/** Datasets that may wait to be looked at; those that more than one call asks for wait once. */
const MAX_WAITING_INSPECTIONS = 100;

/** Networks that may wait to be looked at. */
const MAX_WAITING_EXAMINATIONS = 10;

/**
 * Opens a workbench; no worker starts before there is work.
 *
 * @param devices where jobs run, and which of them run; the first is measured on.
 * @returns it; the caller disposes of it before the hub.
 */
export function openWorkbench(
  setting: FleetSetting,
  devices: () => readonly SlotStatus[],
): Workbench {
  const inspections = () =>
    new Turnstile(setting.limits.maxInspections, {
      what: "datasets that are looked at",
      most: MAX_WAITING_INSPECTIONS,
    });
  // Who submits a job does not wait for whole folders that others want to know about.
  const [wholeLooks, firstLooks] = [inspections(), inspections()];
  const previews = new Turnstile(setting.limits.maxInspections, {
    what: "calls for small pictures of photos",
    most: MAX_WAITING_INSPECTIONS,
  });
  const examinations = new Turnstile(1, {
    what: "networks that are looked at",
    most: MAX_WAITING_EXAMINATIONS,
  });
  const scaler = new SheetScaler(setting);
  const closing = new AbortController();
  const untilClosing = (signal: AbortSignal | undefined) =>
    AbortSignal.any(signal ? [signal, closing.signal] : [closing.signal]);
  let measuring = false;
  return {
    async inspect(folder, { signal, ...options } = {}) {
      const waiting = untilClosing(signal);
      const looks = options.untilTrained !== undefined ? firstLooks : wholeLooks;
      using _turn = await looks.enter(waiting);
      return await inspectDataset(setting, folder, options, waiting);
    },
    async preview(folder, wanted, { signal } = {}) {
      const waiting = untilClosing(signal);
      using _turn = await previews.enter(waiting);
      return await previewPhotos(setting, folder, wanted, waiting);
    },
    async measure(measurement, { signal } = {}) {
      const [device] = devices();
      if (device === undefined) {
        throw new TinctError(
          "failed_precondition",
          "This server runs no jobs (--jobs off), so it measures no step: ask one that trains.",
          { kind: "JOBS_OFF" },
        );
      }
      if (measuring) {
        throw new TinctError("resource_exhausted", "Another measurement runs; ask again later.");
      }
      measuring = true;
      try {
        return await measureTraining(setting, measurement, device, untilClosing(signal));
      } finally {
        measuring = false;
      }
    },
    async examine(network, { signal } = {}) {
      const waiting = untilClosing(signal);
      using _turn = await examinations.enter(waiting);
      return await examineNetwork(setting, network, waiting);
    },
    scaleSheet: (sheet, { signal } = {}) => scaler.scale(sheet, untilClosing(signal)),
    async [Symbol.asyncDispose]() {
      closing.abort(new TinctError("unavailable", "The server stops."));
      await scaler.close();
    },
  };
}
