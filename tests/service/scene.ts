import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Client, credentials, type ServiceError, status as codes } from "@grpc/grpc-js";
import { parseServiceSettings, type ServiceSettings } from "../../src/config/service.ts";
import type { Store } from "../../src/jobs/store.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import type { Workforce } from "../../src/workforce.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { decodeDetails, STATUS_DETAILS_KEY } from "../../src/protocol/status_details.ts";
import type { Access } from "../../src/access/open_access.ts";
import type { Pages } from "../../src/web_door/pages.ts";
import type { Metrics } from "../../src/operating/metrics.ts";
import { type Log, type LogLevel, openLog } from "../../src/log/log.ts";
import { openDatasetFolders, startServer, type TinctServer } from "../../src/server/server.ts";
import { auditing, type SeenStatus } from "./status_audit.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { StoreWorkforce } from "./store_workforce.ts";

const contract = loadPublicContract();

/** A real server over a real store; jobs are moved by the test where no workforce is given. */
export class Scene implements AsyncDisposable {
  readonly folder: TemporaryFolder;
  readonly store: Store;
  readonly server: TinctServer;
  readonly logged: string[];
  readonly #owner: AsyncDisposableStack;
  readonly #clients: Client[] = [];
  /** How calls of its clients ended, but for OK. */
  readonly seen: SeenStatus[] = [];

  private constructor(
    folder: TemporaryFolder,
    store: Store,
    server: TinctServer,
    logged: string[],
    owner: AsyncDisposableStack,
  ) {
    this.folder = folder;
    this.store = store;
    this.server = server;
    this.logged = logged;
    this.#owner = owner;
  }

  /**
   * @param settings that differ from the defaults.
   * @param makeWorkforce who runs jobs, colorizes and looks at datasets.
   * @param guards who may call and the log that they write to, or the
   *   level from which on the scene's own is written, "warning" by default; metrics of the workforce that
   *   `makeWorkforce` made. They stay the caller's.
   */
  static async open(
    settings: Partial<ServiceSettings> = {},
    makeWorkforce: (store: Store, folder: string) => Promise<Workforce> = (store) =>
      Promise.resolve(new StoreWorkforce(store)),
    guards: {
      readonly access?: Access;
      readonly log?: Log;
      readonly logged?: string[];
      readonly leastLogged?: LogLevel;
      readonly metrics?: () => Metrics;
      /** What browsers are shown at a door of their own; there is none when left out. */
      readonly pages?: Pages;
      readonly webOrigins?: readonly string[];
      readonly webMetrics?: boolean;
      readonly webSignEveryMs?: number;
    } = {},
  ): Promise<Scene> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    await mkdir(folder.join("photos", "meadow"), { recursive: true });
    const store = owner.use(await openSqliteStore(folder.join("tinct.db")));
    const logged = guards.logged ?? [];
    const log = guards.log ?? openLog({ write: (line) => logged.push(line) }, {
      least: guards.leastLogged ?? "warning",
    });
    const workforce = owner.use(await makeWorkforce(store, folder.path));
    const server = owner.use(
      await startServer({
        address: "127.0.0.1:0",
        dataFolder: folder.path,
        datasets: await openDatasetFolders(store, folder.path),
        store,
        workforce,
        settings: parseServiceSettings({ minFreeMib: 0, ...settings }),
        log,
        ...(guards.access && { access: guards.access }),
        ...(guards.metrics && { metrics: guards.metrics() }),
        ...(guards.pages && { web: { address: "127.0.0.1:0" } }),
        pages: guards.pages,
        webOrigins: guards.webOrigins,
        webMetrics: guards.webMetrics,
        webSignEveryMs: guards.webSignEveryMs,
      }),
    );
    return new Scene(folder, store, server, logged, owner.move());
  }

  get colorization() {
    return this.#connect("tinct.v1.ColorizationService");
  }
  get jobs() {
    return this.#connect("tinct.v1.TrainingJobService");
  }
  get models() {
    return this.#connect("tinct.v1.ModelService");
  }
  get datasets() {
    return this.#connect("tinct.v1.DatasetService");
  }
  get sweeps() {
    return this.#connect("tinct.v1.SweepService");
  }
  get weights() {
    return this.#connect("tinct.v1.WeightsService");
  }
  get inference() {
    return this.#connect("inference.GRPCInferenceService");
  }
  get health() {
    return this.#connect("grpc.health.v1.Health");
  }

  /** A path in the data folder. */
  join(...names: string[]): string {
    return join(this.folder.path, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#owner[Symbol.asyncDispose]();
    // Whatever a test is about: every refusal that it came by is as clients are promised.
    const faulty = this.seen.filter(({ faults }) => faults.length > 0);
    if (faulty.length > 0) throw new Error(`Refusals: ${JSON.stringify(faulty)}`);
  }

  #connect<N extends Parameters<typeof contract.connect>[0]>(name: N) {
    const plain = credentials.createInsecure();
    const client = contract.connect(name, this.server.address, plain, {
      "grpc.max_receive_message_length": 64 * 2 ** 20,
      interceptors: [auditing(this.seen)],
    });
    this.#clients.push(client);
    return client;
  }
}

/** What a call with one answer came to. */
export type Ending<T> = { readonly ok: T } | { readonly error: CallError };

/** A refusal as a client sees it. */
export interface CallError {
  /** Such as "NOT_FOUND". */
  readonly code: string;
  readonly message: string;
  /** The refused fields, in the names of the protos. */
  readonly fields: readonly string[];
  readonly retryDelayMs: number | undefined;
}

/** Makes a call with one answer. */
export function ending<T>(
  call: (answer: (error: ServiceError | null, value?: T) => void) => unknown,
): Promise<Ending<T>> {
  return new Promise((resolve, reject) => {
    call((error, value) => {
      if (error) resolve({ error: describe(error) });
      else if (value === undefined) reject(new TypeError("no answer and no error"));
      else resolve({ ok: value });
    });
  });
}

/** The answer of a call that is expected to succeed. */
export async function answer<T>(
  call: (answer: (error: ServiceError | null, value?: T) => void) => unknown,
): Promise<T> {
  const result = await ending(call);
  if ("ok" in result) return result.ok;
  throw new Error(`${result.error.code}: ${result.error.message}`);
}

/** An error of a call, with its details. */
export function describe(error: ServiceError): CallError {
  const bytes = error.metadata.get(STATUS_DETAILS_KEY)[0];
  const details = bytes instanceof Uint8Array
    ? decodeDetails(contract, Buffer.from(bytes))
    : undefined;
  return {
    code: codes[error.code] ?? String(error.code),
    message: error.details,
    fields: details?.violations.map(({ field }) => field) ?? [],
    retryDelayMs: details?.retryDelayMs,
  };
}
