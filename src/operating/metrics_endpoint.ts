import type { IncomingMessage, ServerResponse } from "node:http";
import { TinctError } from "../errors.ts";
import { certificateNameOf } from "../protocol/tls_server.ts";
import type { AccessControl } from "../access/access_control.ts";
import { type Access, requirePrivacy } from "../access/open_access.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "./metrics.ts";
import {
  type HttpListener,
  type HttpPurpose,
  openHttpListener,
  readHttpAddress,
  refuseRequest,
} from "./http_listener.ts";

/** What the address is for; the port is that of OpenTelemetry's exporter. */
const METRICS: HttpPurpose = { name: "metrics", usualPort: 9464 };

/** How metrics are guarded. */
interface MetricsGuards {
  /** The server's; metrics ask for what its gRPC address asks for. */
  readonly access?: Access | undefined;
  /** Answer beyond this machine without TLS. */
  readonly insecure?: boolean;
}

/**
 * Answers `GET /metrics`, by the rules of the gRPC address: over HTTPS where the server has a
 * certificate, and with a token (`Authorization: Bearer`) or certificate of scope `read` where it
 * has an access list.
 *
 * @param address "HOST:PORT"; port 0: any that is free.
 * @throws {TinctError} as `openHttpListener`; invalid_argument for an address that reaches beyond this
 *   machine without TLS.
 */
export async function openMetricsEndpoint(
  metrics: Metrics,
  address: string,
  log: Log,
  { access, insecure = false }: MetricsGuards = {},
): Promise<HttpListener> {
  readHttpAddress(address, METRICS);
  requirePrivacy(address, { isSecure: access?.tls !== undefined, insecure });
  return await openHttpListener(address, {
    purpose: METRICS,
    tls: access?.tls,
    log,
    async answer(request, response) {
      if (refuseRequest(request, response, "/metrics")) return;
      if (access?.control && refuseStranger(access.control, request, response)) return;
      const text = await metrics.text();
      response.writeHead(200, { "content-type": metrics.contentType });
      response.end(request.method === "HEAD" ? undefined : text);
    },
  });
}

/** Answers a client that may not read, and says what is missing. */
function refuseStranger(
  control: AccessControl,
  { headers, socket }: IncomingMessage,
  response: ServerResponse,
): boolean {
  try {
    control.authorize({
      path: "/metrics",
      authorization: headers.authorization,
      commonName: certificateNameOf(socket),
    });
    return false;
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    const isKnown = error.code === "permission_denied";
    response.writeHead(isKnown ? 403 : 401, {
      "content-type": "text/plain; charset=utf-8",
      ...(!isKnown && { "www-authenticate": "Bearer" }),
    });
    response.end(`${error.message}\n`);
    return true;
  }
}
