import type { IncomingMessage, ServerResponse } from "node:http";
import type { Credentials } from "../access/access_control.ts";
import { type Admissions, metadataBytes } from "../calls/admissions.ts";
import { TinctError } from "../errors.ts";
import type { Metrics } from "../operating/metrics.ts";
import { addressKey } from "../protocol/address_key.ts";
import { sendText } from "./serve_page.ts";

/** Where Prometheus asks. */
export const METRICS_PATH = "/metrics";

/** Answers Prometheus, by the rules of every call: it needs the scope `read`, and counts as a call. */
export async function serveMetrics(
  metrics: Pick<Metrics, "text" | "contentType">,
  { admissions, credentialsOf }: {
    readonly admissions: Admissions;
    readonly credentialsOf: (request: IncomingMessage) => Credentials;
  },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { socket } = request;
  const found = admissions.lookAt({
    path: METRICS_PATH,
    kind: "unary",
    address: addressKey(socket.remoteAddress),
    connection: socket,
    metadataBytes: metadataBytes(request.headers),
    credentials: () => credentialsOf(request),
    misfit: () => undefined,
    isStubborn: () => void socket.destroy(),
  });
  if (found instanceof TinctError) {
    const status = statuses[found.code] ?? 429;
    const challenge = { "www-authenticate": "Bearer" };
    return sendText(response, status, `${found.message}\n`, status === 401 ? challenge : {});
  }
  using _share = found.share;
  const text = await metrics.text();
  sendText(response, 200, request.method === "HEAD" ? "" : text, {
    "content-type": metrics.contentType,
  });
}

const statuses: Readonly<Record<string, number>> = { unauthenticated: 401, permission_denied: 403 };
