import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { messageOf, TinctError } from "../../errors.ts";
import type { Log } from "../log.ts";
import type { Metrics } from "./metrics.ts";

/** Where Prometheus asks. Disposing of it closes it. */
export interface MetricsEndpoint extends AsyncDisposable {
  /** "HOST:PORT", with the port that it came to. */
  readonly address: string;
}

/**
 * Answers `GET /metrics` over HTTP, without TLS and tokens: what is told names jobs and nothing more.
 *
 * @param address "HOST:PORT"; port 0: any that is free.
 * @throws {TinctError} invalid_argument, failed_precondition where it cannot be opened.
 */
export async function openMetricsEndpoint(
  metrics: Metrics,
  address: string,
  log: Log,
): Promise<MetricsEndpoint> {
  const [, host, port] = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(address) ?? [];
  if (host === undefined) {
    throw new TinctError(
      "invalid_argument",
      `${
        JSON.stringify(address)
      } is no address for metrics: give HOST:PORT, such as 127.0.0.1:9464.`,
    );
  }
  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 10_000 },
    (request, response) => {
      void answer(metrics, request, response).catch((cause: unknown) => {
        log.write({ level: "error", message: "Metrics could not be told.", fields: {}, cause });
        if (!response.headersSent) response.writeHead(500);
        response.end();
      });
    },
  );
  server.maxConnections = 16;
  server.listen(Number(port), host.replace(/^\[(.*)\]$/, "$1"));
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new TinctError(
      "failed_precondition",
      `${address} cannot be listened on for metrics (${messageOf(cause)}); give another address.`,
      { cause },
    );
  }
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  metrics: Metrics,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const isKnown = url?.split("?")[0] === "/metrics";
  if (!isKnown || (method !== "GET" && method !== "HEAD")) {
    response.writeHead(isKnown ? 405 : 404, { "content-type": "text/plain" });
    response.end("GET /metrics\n");
    return;
  }
  const text = await metrics.text();
  response.writeHead(200, { "content-type": metrics.contentType });
  response.end(method === "HEAD" ? undefined : text);
}
