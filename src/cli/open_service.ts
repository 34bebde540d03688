import { constants } from "node:fs";
import { access as mayUse, mkdir } from "node:fs/promises";
import process from "node:process";
import { makingReason, systemErrorName } from "../files/file_errors.ts";
import { workerVariables } from "../config.ts";
import type { ServiceSettings } from "../config/service.ts";
import { messageOf, TinctError } from "../errors.ts";
import { colorizeDevices } from "../fleet/colorize_devices.ts";
import { groupDevices } from "../fleet/device_slots.ts";
import { localProcesses } from "../fleet/local_process.ts";
import { openFolder } from "../stores/open_folder.ts";
import type { DatabasePlace } from "../stores/postgres/connection_string.ts";
import type { Access } from "../access/open_access.ts";
import { EarlyCollection } from "../machine/early_collection.ts";
import { defaultSupervisorLimits, type SupervisorLimits } from "../fleet/fleet_options.ts";
import type { Log } from "../log/log.ts";
import { FreedMemory, giveLargeBuffersBack } from "../machine/allocator.ts";
import { openMetricsEndpoint } from "../operating/metrics_endpoint.ts";
import { openProbeEndpoint } from "../operating/probe_endpoint.ts";
import { preloadModels } from "../server/preload_models.ts";
import { requirePhotosRoot, tellMisnamed } from "../server/photos_root.ts";
import { openDatasetFolders, startServer, type TinctServer } from "../server/server.ts";
import type { WebPlace } from "../web_door/web_door.ts";
import { openPages } from "../web_bundle/open_pages.ts";
import { openWorkforce } from "../workforce.ts";
import { version } from "../version.ts";
import type { CommandContext } from "../terminal/command.ts";
import { provideLibrary } from "../installation/provide_library.ts";

/** How a server of this process is made. */
interface ServiceOptions {
  /** Absolute; made if need be. */
  readonly dataFolder: string;
  /** That of several servers, which share the data folder; undefined: a file in it. */
  readonly database?: DatabasePlace | undefined;
  /** "HOST:PORT" or "unix:PATH". */
  readonly address: string;
  /** Used, not owned; undefined: everyone who reaches the server may do everything. */
  readonly access?: Access;
  /** Where browsers, curl and Connect's clients come; undefined: nowhere. */
  readonly web?: WebPlace | undefined;
  /** Answer Prometheus there, too. */
  readonly webMetrics?: boolean;
  /** Origins of the pages where a proxy stands before the server. */
  readonly webOrigins?: readonly string[];
  /** Where Prometheus asks, "HOST:PORT"; undefined: nowhere. */
  readonly metricsAddress?: string | undefined;
  /** Answer Prometheus beyond this machine without TLS. */
  readonly insecure?: boolean;
  /** Where probes ask over plain HTTP, "HOST:PORT"; undefined: nowhere. */
  readonly probeAddress?: string | undefined;
  /** Absolute: the folder whose folders are datasets; undefined: `photos` in the data folder. */
  readonly photos: string | undefined;
  readonly colorizeDevice: string;
  /** Promoted models to load before the server listens; see `preloadModels`. */
  readonly preload?: readonly string[];
  readonly threads: number;
  readonly settings: ServiceSettings;
  readonly log: Log;
}

/** A server in this process; disposing of it stops what is left, `server.stop` stops it in order. */
interface Service extends AsyncDisposable {
  readonly server: TinctServer;
  /** Where Prometheus asks; undefined: nowhere. */
  readonly metricsAddress: string | undefined;
  /** Where probes ask; undefined: nowhere. */
  readonly probeAddress: string | undefined;
}

/**
 * Starts a server on a data folder: store, workers and all.
 *
 * @throws {TinctError} what stands in the way: another server there, no library, a taken port.
 */
export async function openService(
  options: ServiceOptions,
  context: CommandContext,
): Promise<Service> {
  const { dataFolder, address, access, photos, colorizeDevice, threads, settings, log } = options;
  const { metricsAddress, insecure = false, probeAddress } = options;
  const place = localProcesses(context.environment);
  const devices = await place.devices();
  const { colorizeWorkers, replicas } = settings;
  const colorizers = colorizeDevices(colorizeDevice, colorizeWorkers, devices, context.environment);
  // What is written is for this user alone, whatever the shell says: photos, models, tokens, sockets.
  process.umask(0o077);
  if (photos !== undefined) await requirePhotosRoot(photos);
  await makeDataFolder(dataFolder);
  const library = await provideLibrary(context);
  await using owner = new AsyncDisposableStack();
  giveLargeBuffersBack();
  owner.use(new EarlyCollection());
  owner.use(new FreedMemory());
  const { store, isAlone } = owner.use(
    await openFolder(dataFolder, {
      database: options.database,
      signal: context.signal,
      onNotice: (message) => log.write({ level: "warning", message, fields: {} }),
    }),
  );
  const datasets = await openDatasetFolders(store, dataFolder, photos);
  await tellMisnamed(datasets, log);
  const workforce = owner.use(
    await openWorkforce({
      store,
      isAlone,
      dataFolder,
      libraryPath: library.ccPath,
      datasetFolder: (name) => datasets.folderOf(name),
      devices: groupDevices(devices, replicas),
      colorizeDevice: colorizers[0],
      colorizeDevices: colorizers,
      threads,
      runsJobs: settings.jobs === "on",
      programVersion: version,
      environment: workerVariables(),
      limits: limitsOf(settings),
      log: ({ level, message, jobId, fields, error }) =>
        log.write({ level, message, fields: { ...fields, jobId }, cause: error }),
    }, place),
  );
  const started: { server?: TinctServer } = {};
  const probe = probeAddress === undefined ? undefined : owner.use(
    await openProbeEndpoint(() => started.server?.isServing ?? false, probeAddress, log),
  );
  // Prometheus's client is loaded only where somebody may ask.
  const metrics = metricsAddress === undefined && !options.webMetrics
    ? undefined
    : new (await import("../operating/metrics.ts")).Metrics(store, workforce.supervisor, place);
  const endpoint = metrics && metricsAddress !== undefined
    ? owner.use(await openMetricsEndpoint(metrics, metricsAddress, log, { access, insecure }))
    : undefined;
  await preloadModels(options.preload ?? [], {
    store,
    dataFolder,
    colorizing: workforce.colorizing,
    log,
    signal: context.signal,
  });
  context.signal.throwIfAborted();
  const server = owner.use(
    await startServer({
      address,
      web: options.web,
      webOrigins: options.webOrigins,
      pages: options.web && await pagesOr(context.environment.cacheFolder, log),
      webMetrics: options.webMetrics,
      dataFolder,
      datasets,
      store,
      isAlone,
      signal: context.signal,
      workforce,
      settings,
      log,
      ...(access && { access }),
      ...(metrics && { metrics }),
      tensorflowVersion: library.version ?? "",
    }),
  );
  started.server = server;
  const all = owner.move();
  return {
    server,
    metricsAddress: endpoint?.address,
    probeAddress: probe?.address,
    [Symbol.asyncDispose]: () => all[Symbol.asyncDispose](),
  };
}

function limitsOf(settings: ServiceSettings): Partial<SupervisorLimits> {
  const { heartbeatIntervalMs } = defaultSupervisorLimits;
  const heartbeatTimeoutMs = 1000 * settings.heartbeatSeconds;
  return {
    leaseMs: 1000 * settings.leaseSeconds,
    heartbeatTimeoutMs,
    // One that is late now and then is not taken for dead.
    heartbeatIntervalMs: Math.min(heartbeatIntervalMs, heartbeatTimeoutMs / 5),
    maxQueuedPhotos: settings.maxQueuedPhotos,
    maxPhotoPixels: Math.round(settings.maxPhotoMegapixels * 1e6),
    maxPhotoSide: settings.maxPhotoSide,
    maxDecodeMs: 1000 * settings.maxDecodeSeconds,
    maxEncodeMs: 1000 * settings.maxEncodeSeconds,
    maxAvifPixels: Math.round(settings.maxAvifMegapixels * 1e6),
    maxWorkBytes: settings.maxWorkMib * 2 ** 20,
  };
}

async function makeDataFolder(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true });
    await mayUse(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = systemErrorName(cause);
    const denied = ["EACCES", "EPERM", "EROFS"].includes(code);
    const why = denied ? `this user cannot write there (${messageOf(cause)})` : makingReason(cause);
    throw new TinctError(
      denied ? "permission_denied" : "failed_precondition",
      `The data folder ${dataFolder} cannot be made or used: ${why}. Give another --data-dir, or ` +
        "make it yourself, for the user that the server runs as.",
      { cause },
    );
  }
}

/** The pages for browsers; a server that cannot pack them does everything else. */
async function pagesOr(cacheFolder: string, log: Log) {
  try {
    return await openPages(cacheFolder);
  } catch (error) {
    const message = "The web pages cannot be packed; --web answers calls alone.";
    log.write({ level: "warning", message, fields: { reason: messageOf(error) } });
    return undefined;
  }
}
