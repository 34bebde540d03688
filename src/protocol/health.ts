import { type ServerWritableStream, status as codes } from "@grpc/grpc-js";
import type { HealthHandlers } from "./generated/grpc/health/v1/health.ts";
import type { HealthCheckRequest__Output } from "./generated/grpc/health/v1/health_check_request.ts";
import type { HealthCheckResponse } from "./generated/grpc/health/v1/health_check_response.ts";

/** What is to be expected of a service's calls. */
type ServingStatus = "SERVING" | "NOT_SERVING";

type WatchCall = ServerWritableStream<HealthCheckRequest__Output, HealthCheckResponse>;

/** The health of services, for grpc.health.v1. A name of "" is the server as a whole. */
export class HealthBoard {
  readonly #statuses: Map<string, ServingStatus>;
  readonly #watches = new Set<Watch>();

  /** @param services full names; all are NOT_SERVING, and so is the server, until told otherwise. */
  constructor(services: readonly string[]) {
    this.#statuses = new Map(["", ...services].map((name) => [name, "NOT_SERVING"]));
  }

  /** Sets the status of every service and of the server; watchers are told. */
  setAll(status: ServingStatus): void {
    for (const name of this.#statuses.keys()) this.set(name, status);
  }

  /** Sets the status of one service; watchers are told. */
  set(service: string, status: ServingStatus): void {
    if (!this.#statuses.has(service)) throw new TypeError(`No service ${service} was announced.`);
    this.#statuses.set(service, status);
    for (const watch of this.#watches) watch.tell();
  }

  /** Whether the server as a whole serves. */
  get isServing(): boolean {
    return this.#statuses.get("") === "SERVING";
  }

  /** Ends every watch with UNAVAILABLE, so that a server that stops need not wait for them. */
  endWatches(): void {
    for (const watch of this.#watches) {
      watch.call.emit("error", { code: codes.UNAVAILABLE, details: "The server is stopping." });
    }
    this.#watches.clear();
  }

  /** The calls of grpc.health.v1.Health. */
  handlers(): HealthHandlers {
    return {
      Check: ({ request: { service } }, answer) => {
        const status = this.#statuses.get(service);
        if (status !== undefined) answer(null, { status });
        else answer({ code: codes.NOT_FOUND, details: `There is no service ${service} here.` });
      },
      Watch: (call) => {
        const read = () => this.#statuses.get(call.request.service) ?? "SERVICE_UNKNOWN";
        const watch = new Watch(call, read);
        this.#watches.add(watch);
        for (const event of ["cancelled", "close", "error"]) {
          call.once(event, () => this.#watches.delete(watch));
        }
        watch.tell();
      },
    };
  }
}

/** A client that watches. While it does not read, it is owed the latest status and no others. */
class Watch {
  readonly call: WatchCall;
  readonly #read: () => ServingStatus | "SERVICE_UNKNOWN";
  #told: string | undefined;
  #blocked = false;

  constructor(call: WatchCall, read: () => ServingStatus | "SERVICE_UNKNOWN") {
    this.call = call;
    this.#read = read;
    call.on("drain", () => {
      this.#blocked = false;
      this.tell();
    });
  }

  tell(): void {
    const status = this.#read();
    if (this.#blocked || status === this.#told) return;
    this.#told = status;
    this.#blocked = !this.call.write({ status });
  }
}
