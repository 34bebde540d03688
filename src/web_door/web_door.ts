import type { IncomingMessage, ServerResponse } from "node:http";
import type { TlsSource } from "../access/open_access.ts";
import type { Admissions } from "../calls/admissions.ts";
import type { Calls, EndedCall } from "../calls/call.ts";
import type { ServedService } from "../calls/methods.ts";
import type { StatusMapper } from "../calls/status.ts";
import type { ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../operating/metrics.ts";
import { BROWSERS } from "./browsers.ts";
import { openHttpListener } from "../operating/http_listener.ts";
import { type Contract, type PublicService, readContractImage } from "../protocol/contract.ts";
import { BrowserAccess, redirect } from "./browser_access.ts";
import { ConnectCalls } from "./connect_calls.ts";
import { ConnectErrors } from "./connect_errors.ts";
import { descriptorsOf } from "./descriptors.ts";
import { noPages, type Pages } from "./pages.ts";
import { METRICS_PATH, serveMetrics } from "./serve_metrics.ts";
import { type Download, serveDownload } from "./serve_download.ts";
import { servePage } from "./serve_page.ts";
import { Visit, type VisitedMethod, type VisitRules } from "./visit.ts";
import { writeAnswer } from "./write_answer.ts";

/** What the door works with. */
interface WebDoorOptions {
  readonly contract: Contract<PublicService>;
  readonly services: readonly ServedService[];
  readonly calls: Calls;
  readonly admissions: Admissions;
  readonly status: StatusMapper;
  readonly settings: ServiceSettings;
  readonly log: Log;
  /** Is told of a call that was refused before its handler began. */
  readonly onRefused: (call: EndedCall) => void;
  /** What browsers are shown; nothing when left out. */
  readonly pages?: Pages | undefined;
  /** Answers Prometheus at `/metrics`; not there when left out. */
  readonly metrics?: Pick<Metrics, "text" | "contentType"> | undefined;
  /** What browsers save by a link. */
  readonly downloads?: readonly Download[] | undefined;
  /** Origins of the pages besides the door's own; see `OriginRules`. */
  readonly origins?: readonly string[] | undefined;
  /** A stream that has nothing to say gives a sign of life this often, in ms. */
  readonly signEveryMs?: number | undefined;
}

/** Where a door is opened. */
export interface WebPlace {
  /** "HOST:PORT"; port 0: any that is free. */
  readonly address: string;
  /** Another port will do where this one is taken. */
  readonly orAnyPort?: boolean;
}

/** An open door. Disposing of it cuts its connections and closes it. */
export interface OpenWebDoor extends AsyncDisposable {
  /** Such as "http://127.0.0.1:8051". */
  readonly url: string;
}

/** A download that a path leads to. */
interface FoundDownload {
  readonly download: Download;
  readonly match: RegExpExecArray;
}

/** How often streams give signs of life by default, in ms; proxies cut at 60 s. */
const SIGN_EVERY_MS = 15_000;

/** How long a refused client may go on with a body that nobody reads, in ms. */
const LINGER_MS = 2000;

/**
 * The door for browsers, curl and the clients of Connect and gRPC-Web: HTTP/1.1, plain or with TLS. The
 * calls behind it are those of gRPC, and the questions that it asks are the same, see `Admissions`.
 */
export class WebDoor {
  readonly #options: WebDoorOptions;
  readonly #calls: ConnectCalls;
  readonly #rules: VisitRules;
  readonly #browsers: BrowserAccess;
  #isSecure = false;

  constructor(options: WebDoorOptions) {
    const { contract, services, calls, settings } = options;
    this.#options = options;
    const descriptors = descriptorsOf(readContractImage());
    const errors = new ConnectErrors(contract, descriptors);
    this.#calls = new ConnectCalls({
      contract,
      descriptors,
      errors,
      calls,
      services,
      maxReceiveBytes: settings.maxReceiveMib * 2 ** 20,
      signEveryMs: options.signEveryMs ?? SIGN_EVERY_MS,
    });
    const origins = () => ({
      isSecure: this.#isSecure,
      isGuarded: options.admissions.isGuarded,
      origins: options.origins ?? [],
    });
    this.#browsers = new BrowserAccess({ admissions: options.admissions, origins });
    this.#rules = {
      ...options,
      errors,
      credentialsOf: (request) => this.#browsers.credentialsOf(request),
      origins,
    };
  }

  /**
   * Opens it.
   *
   * @param place where; with `orAnyPort` at any port that is free where that one is taken.
   * @throws {TinctError} as `openHttpListener`.
   */
  async open(
    { address, orAnyPort = false }: WebPlace,
    tls: TlsSource | undefined,
  ): Promise<OpenWebDoor> {
    const { settings, log } = this.#options;
    this.#isSecure = tls !== undefined;
    const openAt = (at: string) =>
      openHttpListener(at, {
        purpose: BROWSERS,
        tls,
        log,
        limits: {
          maxConnections: settings.maxConnections,
          maxPerAddress: settings.maxConnectionsPerAddress,
          requestMs: settings.helloSeconds * 1000,
          idleMs: settings.maxIdleSeconds * 1000,
          bodyMs: settings.maxArrivalSeconds * 1000,
        },
        readsBodies: true,
        answer: (request, response, goOn) => this.#answer(request, response, goOn),
      });
    const listener = await openAt(address).catch((error) => {
      if (!orAnyPort) throw error;
      return openAt(address.replace(/\d+$/, "0"));
    });
    this.#browsers.openedAt(/\d+$/.exec(listener.address)?.[0] ?? "");
    return {
      url: `${tls ? "https" : "http"}://${listener.address}`,
      [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
    };
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    goOn: () => void,
  ): Promise<void> {
    const path = request.url?.split("?")[0] ?? "";
    const method = this.#calls.methodAt(path);
    const { metrics } = this.#options;
    const found = this.#downloadAt(path);
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (method) await this.#call(method, request, response, goOn);
    else if (metrics && path === METRICS_PATH && isRead) {
      await serveMetrics(metrics, this.#rules, request, response);
    } else if (found) await this.#download(found, request, response);
    else if (!await this.#browsers.answer(path, request, response, goOn)) {
      servePage(this.#options.pages ?? noPages, path, request, response, () => {
        if (this.#browsers.mayLook(request)) return true;
        redirect(response, `/sign-in?next=${encodeURIComponent(path)}`);
        return false;
      });
    }
    if (!request.complete) this.#linger(request);
  }

  #downloadAt(path: string): FoundDownload | undefined {
    for (const download of this.#options.downloads ?? []) {
      const match = download.pattern.exec(path);
      if (match) return { download, match };
    }
    return undefined;
  }

  async #call(
    method: VisitedMethod,
    request: IncomingMessage,
    response: ServerResponse,
    onContinue: () => void,
  ): Promise<void> {
    const visit = new Visit(this.#rules, { method, request, response, onContinue });
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    const answer = await this.#calls.answer(visit, gone.signal);
    try {
      await writeAnswer(answer, response, this.#options.settings.maxStallSeconds * 1000);
    } catch (error) {
      if (!(error instanceof TinctError)) throw error; // it has gone, or was cut
    }
  }

  async #download(
    { download, match }: FoundDownload,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const { calls, services } = this.#options;
    const [, service, name = ""] = /^\/([\w.]+)\/(\w+)$/.exec(download.method) ?? [];
    const method = services.find((each) => each.name === service)?.methods[name];
    if (!method) throw new TypeError(`${download.method} is not served.`);
    const setting = { rules: this.#rules, calls, method };
    await serveDownload(download, match, setting, request, response);
  }

  /** A body that nobody reads is passed over for a while, so that its client reads the answer. */
  #linger(request: IncomingMessage): void {
    const late = setTimeout(() => request.socket.destroy(), LINGER_MS);
    request.once("end", () => clearTimeout(late)).once("close", () => clearTimeout(late)).resume();
  }
}
