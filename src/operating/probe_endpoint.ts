import type { Log } from "../log/log.ts";
import {
  type HttpListener,
  type HttpPurpose,
  openHttpListener,
  refuseRequest,
} from "./http_listener.ts";

/** What the address is for. */
export const PROBES: HttpPurpose = { name: "probes", usualPort: 8081 };

/** Where probes of containers ask. */
export const PROBE_PATH = "/healthz";

/**
 * Answers `GET /healthz` over plain HTTP: 200 and "SERVING" while the server serves, otherwise 503 and
 * "NOT_SERVING". A connection of HTTP/2, as grpc.health.v1 takes, costs the server memory that Deno
 * does not give back; one of HTTP/1.1 costs a twentieth of it. It tells nothing else, so it needs
 * neither TLS nor a token.
 *
 * @param address "HOST:PORT"; port 0: any that is free.
 * @throws {TinctError} as `openHttpListener`.
 */
export function openProbeEndpoint(
  isServing: () => boolean,
  address: string,
  log: Log,
): Promise<HttpListener> {
  return openHttpListener(address, {
    purpose: PROBES,
    log,
    answer(request, response) {
      if (refuseRequest(request, response, PROBE_PATH)) return Promise.resolve();
      const serves = isServing();
      response.writeHead(serves ? 200 : 503, {
        "content-type": "text/plain",
        "cache-control": "no-store",
      });
      response.end(request.method === "HEAD" ? undefined : serves ? "SERVING\n" : "NOT_SERVING\n");
      return Promise.resolve();
    },
  });
}
