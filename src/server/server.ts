import { setTimeout as passed } from "node:timers/promises";
import { Server } from "@grpc/grpc-js";
import { ensureFolder } from "../files/make_folder.ts";
import { photosFolder, uploadsFolder } from "../files/data_folder.ts";
import type { ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import { EventFeed } from "../jobs/event_feed.ts";
import type { Store } from "../jobs/store.ts";
import type { Workforce } from "../workforce.ts";
import type { SweepRunner } from "../sweeps/sweep_runner.ts";
import {
  type Contract,
  loadPublicContract,
  type PublicService,
  readContractImage,
} from "../protocol/contract.ts";
import type { Workbench } from "../fleet/workbench.ts";
import { HealthBoard } from "../protocol/health.ts";
import { MAX_CLIENT_BYTES } from "../protocol/outgoing.ts";
import { olderReflection, reflectionHandlers } from "../protocol/reflection.ts";
import { Keepalive } from "../protocol/keepalive.ts";
import { tappedSocketOf } from "../protocol/outlet.ts";
import { callKindOf, gateStreams } from "../protocol/stream_gate.ts";
import type { Access, TlsSource } from "../access/open_access.ts";
import { Admissions } from "../calls/admissions.ts";
import { Calls, type EndedCall } from "../calls/call.ts";
import { guardCalls } from "../calls/door/call_guard.ts";
import { colorizationMethods } from "./colorization_service.ts";
import type { ServerContext } from "./context.ts";
import { DataFolderWatch } from "../files/data_folder_watch.ts";
import { DatasetFolders } from "../datasets/dataset_folders.ts";
import { DatasetReports } from "../datasets/dataset_reports.ts";
import { datasetMethods } from "./dataset_service.ts";
import { Door } from "../calls/door/door.ts";
import { GrpcCalls } from "../calls/door/grpc_calls.ts";
import { served, type ServedService } from "../calls/methods.ts";
import { MemoryBudget } from "../calls/door/memory_budget.ts";
import { budgetBytes } from "../calls/door/memory_limit.ts";
import { connectionsWithin, maxOpenFiles } from "../calls/door/open_files.ts";
import { FolderListings } from "../datasets/folder_listings.ts";
import { inferenceMethods } from "../colorize_calls/inference_service.ts";
import { jobMethods } from "./job_service.ts";
import { listen, type OpenAddress } from "./listen.ts";
import type { Log, LogLine } from "../log/log.ts";
import type { Metrics } from "../operating/metrics.ts";
import { modelMethods } from "./model_service.ts";
import { SamplePictures } from "./sample_pictures.ts";
import { StatusMapper } from "../calls/status.ts";
import { openSweepRunner, sweepMethods } from "./sweep_service.ts";
import { tidyAtStart } from "./tidy_data_folder.ts";
import type { Pages } from "../web_door/pages.ts";
import type { OpenWebDoor, WebPlace } from "../web_door/web_door.ts";
import { checkpointDownload } from "./download_checkpoint.ts";
import { UsablePhotos } from "../datasets/usable_photos.ts";
import { WeightsFiles } from "../weights/weights_files.ts";
import { weightsMethods } from "./weights_service.ts";
import { withoutJobs } from "./without_jobs.ts";

/** In which clients read why their calls ended, before their connections go, in ms. */
const READING_MS = 100;

/** What a server is made of. */
interface ServerOptions {
  /** "HOST:PORT" or "unix:PATH"; see `listen`. */
  readonly address: string;
  /** Where browsers, curl and Connect's clients come; undefined: nowhere. */
  readonly web?: WebPlace | undefined;
  /** What browsers are shown there; nothing when left out. */
  readonly pages?: Pages | undefined;
  /** Answer Prometheus there, too, with `metrics`. */
  readonly webMetrics?: boolean | undefined;
  /** Streams there that have nothing to say give a sign of life this often, in ms; 15 s by default. */
  readonly webSignEveryMs?: number | undefined;
  /** Origins of these pages where a proxy stands before the server, such as "https://tinct.example". */
  readonly webOrigins?: readonly string[] | undefined;
  /** Absolute. */
  readonly dataFolder: string;
  readonly datasets: DatasetFolders;
  /** Used, not owned; must outlive the server. */
  readonly store: Store;
  /** For a store that is shared: whether no other server worked with it at the start. */
  readonly isAlone?: boolean | undefined;
  /** For a store that is shared: ends the wait for a server that tidies the folder up. */
  readonly signal?: AbortSignal | undefined;
  /** Used, not owned; the server drains it when it stops. */
  readonly workforce: Workforce;
  readonly settings: ServiceSettings;
  readonly log: Log;
  /** Used, not owned. Without it everyone who reaches the server may do everything, without TLS. */
  readonly access?: Access;
  /** Used, not owned. */
  readonly metrics?: Metrics;
  readonly tensorflowVersion?: string;
}

const folderIsGone: LogLine = {
  level: "error",
  message:
    "The data folder is gone, or another one is in its place: bring it back, and where it was " +
    "replaced, start the server again. Until then nothing that is written lasts.",
  fields: {},
};
const folderIsBack: LogLine = { level: "info", message: "The data folder is back.", fields: {} };

/** Metadata up to so many times the limit are answered; who sends more is cut. */
const HEADER_BLOCKS = 2;

/** The most bytes of an answer: of a photo as the settings say, of others as clients take them. */
function maxAnswerBytes({ maxAnswerMib }: ServiceSettings): number {
  return Math.max(MAX_CLIENT_BYTES, maxAnswerMib * 2 ** 20);
}

/** The services whose health is told. */
const services = [
  "tinct.v1.ColorizationService",
  "tinct.v1.TrainingJobService",
  "tinct.v1.ModelService",
  "tinct.v1.DatasetService",
  "tinct.v1.SweepService",
  "tinct.v1.WeightsService",
  "inference.GRPCInferenceService",
] as const;

/** The data root's folder of uploads, made where it is missing. */
export async function openDatasetFolders(
  store: Store,
  dataFolder: string,
  root = photosFolder(dataFolder),
): Promise<DatasetFolders> {
  const uploads = uploadsFolder(dataFolder);
  await ensureFolder(uploads);
  return new DatasetFolders(store, { uploads, root });
}

/**
 * Starts the server.
 *
 * @returns it, serving; the caller stops it.
 * @throws {TinctError} as `listen`.
 */
export async function startServer(options: ServerOptions): Promise<TinctServer> {
  await tidyAtStart(options);
  const contract = loadPublicContract();
  const weights = await WeightsFiles.open(options.dataFolder);
  await using owner = new AsyncDisposableStack();
  const server = owner.use(new TinctServer(options, contract, weights));
  await server.open(options);
  owner.move(); // what was opened before another address could not be is closed again
  return server;
}

/** A server that answers clients. */
export class TinctServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #health = new HealthBoard(services);
  readonly #calls: Calls;
  readonly #openWeb: (
    tls: TlsSource | undefined,
    maxConnections: number,
  ) => Promise<OpenWebDoor | undefined>;
  readonly #context: ServerContext;
  readonly #workforce: Workforce;
  readonly #sweeps: SweepRunner;
  #open: OpenAddress | undefined;
  #web: OpenWebDoor | undefined;
  #folderWatch: DataFolderWatch | undefined;
  #stopped: Promise<void> | undefined;

  /** For `startServer`. */
  constructor(options: ServerOptions, contract: Contract<PublicService>, weights: WeightsFiles) {
    const { settings, log, store, workforce, access, metrics } = options;
    const { supervisor, colorizing, workbench } = workforce;
    const status = new StatusMapper(contract, log, options.dataFolder);
    const countCall = (call: EndedCall) => metrics?.countCall(call);
    const countRefused = (path: string, code: number) =>
      countCall({ protocol: "grpc", path, code });
    const admissions = new Admissions({
      settings,
      access: access?.control,
      budget: new MemoryBudget(budgetBytes(settings)),
    });
    const door = new Door({
      settings,
      admissions,
      status,
      log,
      kindOf: (path) => callKindOf(this.#server, path),
      onRefused: countRefused,
    });
    this.#calls = new Calls({
      status,
      deadlineMs: settings.deadlineSeconds * 1000,
      onEnded: countCall,
      log,
    });
    const listings = new FolderListings();
    const inspect: Workbench["inspect"] = (folder, wanted) => workbench.inspect(folder, wanted);
    this.#workforce = workforce;
    this.#context = {
      ...options,
      weights,
      listings,
      reports: new DatasetReports(listings, inspect),
      supervisor,
      colorizing: metrics?.counted(colorizing) ?? colorizing,
      workbench,
      usablePhotos: new UsablePhotos(options.datasets, inspect, log),
      status,
      feed: new EventFeed(store),
      pictures: new SamplePictures((sheet, wanted) => workbench.scaleSheet(sheet, wanted)),
      tensorflowVersion: options.tensorflowVersion ?? "",
    };
    this.#sweeps = openSweepRunner(this.#context, contract);
    this.#server = new Server({
      "grpc.max_receive_message_length": settings.maxReceiveMib * 2 ** 20,
      "grpc.max_concurrent_streams": settings.maxCallsPerConnection,
      "grpc.max_connection_idle_ms": settings.maxIdleSeconds * 1000,
      "grpc.max_send_message_length": maxAnswerBytes(settings),
      "grpc.enable_channelz": 0,
      interceptors: [guardCalls({ settings, door, status, log, onRefused: countRefused })],
    });
    const keepalive = new Keepalive({
      everyMs: settings.keepaliveSeconds * 1000,
      timeoutMs: settings.keepaliveTimeoutSeconds * 1000,
    });
    gateStreams(this.#server, (stream, headers) => {
      const socket = tappedSocketOf(stream);
      if (stream.session && socket) keepalive.watch(stream.session, socket);
      return door.admit(stream, headers);
    });
    const maxStallMs = settings.maxStallSeconds * 1000;
    const admission = (call: object) => door.admission(call);
    const grpc = new GrpcCalls({ calls: this.#calls, admission, maxStallMs });
    const all = this.#services(contract);
    const offered = settings.jobs === "off" && !store.isShared ? withoutJobs(all) : all;
    this.#serve(contract, grpc, offered);
    this.#openWeb = async (tls, maxConnections) => {
      if (options.web === undefined) return undefined;
      // Connect's library is loaded only where browsers may come.
      const { WebDoor } = await import("../web_door/web_door.ts");
      const webDoor = new WebDoor({
        contract,
        services: offered,
        calls: this.#calls,
        admissions,
        status,
        settings: { ...settings, maxConnections },
        log,
        onRefused: countCall,
        pages: options.pages,
        downloads: [checkpointDownload],
        origins: options.webOrigins,
        metrics: options.webMetrics ? metrics : undefined,
        signEveryMs: options.webSignEveryMs,
      });
      return await webDoor.open(options.web, tls);
    };
  }

  /** Where clients reach it. */
  get address(): string {
    return this.#open?.address ?? "";
  }

  /** Where browsers, curl and Connect's clients reach it, as a URL; "" where they do not. */
  get webUrl(): string {
    return this.#web?.url ?? "";
  }

  /** Whether calls are answered: from its start until it begins to stop. */
  get isServing(): boolean {
    return this.#health.isServing;
  }

  /** For `startServer`. */
  async open({ address, access, web }: ServerOptions): Promise<void> {
    const { settings, log } = this.#context;
    const tls = access?.tls;
    const fitting = connectionsWithin(
      settings.maxConnections,
      await maxOpenFiles(),
      web === undefined ? 1 : 2,
    );
    if (fitting.warning !== undefined) {
      log.write({ level: "warning", message: fitting.warning, fields: {} });
    }
    this.#open = await listen(this.#server, address, tls, {
      limits: {
        maxConnections: fitting.maxConnections,
        maxPerAddress: settings.maxConnectionsPerAddress,
        maxNewPerAddress: settings.maxNewConnections,
        helloTimeoutMs: settings.helloSeconds * 1000,
        maxControlFrames: settings.maxControlFrames,
        maxResets: settings.maxResets,
        maxHeaderBytes: HEADER_BLOCKS * settings.maxMetadataKib * 1024,
      },
      onCut: (reason, client = "a local client") =>
        log.write({ level: "info", message: `A client was cut: ${reason}.`, fields: { client } }),
      onReopened: () =>
        log.write({
          level: "error",
          message: "The port accepted no connection any more, as after too many open files, and " +
            "was opened again; raise the limit of open files or lower --max-connections.",
          fields: {},
        }),
    });
    this.#web = await this.#openWeb(tls, fitting.maxConnections);
    await this.#sweeps.resume();
    this.#health.setAll("SERVING");
    this.#folderWatch = await DataFolderWatch.begin(this.#context.dataFolder, (isThere) => {
      this.#health.setAll(isThere ? "SERVING" : "NOT_SERVING");
      log.write(isThere ? folderIsBack : folderIsGone);
    });
  }

  /**
   * Stops in good order: health NOT_SERVING, no new calls; running jobs write a checkpoint, watchers
   * see that, then streams end with UNAVAILABLE. What is not over by then is cut. Stopping twice is
   * the same as once.
   *
   * @param options `timeoutMs`: for all of it; the setting `drainSeconds` by default.
   */
  stop(
    { timeoutMs = this.#context.settings.drainSeconds * 1000 }: { timeoutMs?: number } = {},
  ): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs);
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop({ timeoutMs: 0 });
  }

  async #stop(timeoutMs: number): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    const calls = this.#calls;
    const { feed, log } = this.#context;
    const reason = new TinctError(
      "unavailable",
      "The server is stopping; connect again when it is back.",
    );
    this.#folderWatch?.[Symbol.dispose]();
    this.#health.setAll("NOT_SERVING");
    calls.refuseNew(reason);
    // They begin no more jobs from now on. Jobs do not wait until their leases are given back, which may
    // take long where the store is away.
    const sweeps = this.#sweeps[Symbol.asyncDispose]();
    try {
      // A second is left for the calls to end in.
      await this.#workforce.drain({ timeoutMs: Math.max(0, timeoutMs - 1000) });
    } catch (cause) {
      log.write({ level: "error", message: "Jobs could not be stopped.", fields: {}, cause });
    }
    await sweeps;
    const leftMs = () => Math.max(0, Math.min(500, endMs - performance.now()));
    await calls.finish(reason, leftMs());
    calls.abortAll(reason);
    this.#health.endWatches();
    feed[Symbol.dispose]();
    await calls.closed(leftMs());
    // Clients of grpc-js that have not read why their call ended are told "Connection dropped" instead.
    await passed(Math.min(READING_MS, leftMs()));
    const { promise: closed, resolve } = Promise.withResolvers<void>();
    const cut = setTimeout(() => this.#server.forceShutdown(), leftMs());
    this.#server.tryShutdown(() => resolve());
    await closed;
    clearTimeout(cut);
    await this.#web?.[Symbol.asyncDispose]();
    await this.#open?.[Symbol.asyncDispose]();
  }

  /** What clients may call, whichever door they come to. */
  #services(contract: Contract<PublicService>): readonly ServedService[] {
    const context = this.#context;
    return [
      served(
        "tinct.v1.ColorizationService",
        colorizationMethods(context),
        maxAnswerBytes(context.settings),
      ),
      served("tinct.v1.TrainingJobService", jobMethods(context)),
      served("tinct.v1.ModelService", modelMethods(context)),
      served("tinct.v1.DatasetService", datasetMethods(context)),
      served("tinct.v1.SweepService", sweepMethods(context, this.#sweeps, contract)),
      served("tinct.v1.WeightsService", weightsMethods(context)),
      served(
        "inference.GRPCInferenceService",
        inferenceMethods(context, () => this.#health.isServing),
        maxAnswerBytes(context.settings),
      ),
    ];
  }

  #serve(
    contract: Contract<PublicService>,
    grpc: GrpcCalls,
    offered: readonly ServedService[],
  ): void {
    for (const service of offered) {
      contract.serve(this.#server, service.name, grpc.handlers(service), service.maxBytes);
    }
    contract.serve(this.#server, "grpc.health.v1.Health", this.#health.handlers());
    if (!this.#context.settings.reflection) return;
    const listed = [...services, "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"];
    const handlers = reflectionHandlers(readContractImage(), listed);
    contract.serve(this.#server, "grpc.reflection.v1.ServerReflection", handlers);
    this.#server.addService(olderReflection(contract), handlers);
  }
}
