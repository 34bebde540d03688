import { request } from "node:http";
import { number } from "../config/option.ts";
import { messageOf, TinctError } from "../errors.ts";
import type { HealthCheckResponse__Output } from "../protocol/generated/grpc/health/v1/health_check_response.ts";
import { readHttpAddress } from "../operating/http_listener.ts";
import { PROBE_PATH, PROBES } from "../operating/probe_endpoint.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { optionalServerOptions, serverFlags } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";

/** Where a server listens by default. */
const DEFAULT_SERVER = "127.0.0.1:50051";

export const command = defineCommand({
  description: [
    "For health checks of containers. Exit code 0: the server is serving; 1: it is not. Asks the",
    "address of --probe by plain HTTP, which costs the server least, or else grpc.health.v1.",
  ].join("\n"),
  options: {
    ...optionalServerOptions,
    server: text("ADDR", `the server's gRPC address (default: ${DEFAULT_SERVER})`),
    probe: text(
      "HOST:PORT",
      "the server's --probe address (default: TINCT_PROBE, unless --server is given)",
    ),
    service: text(
      "NAME",
      "one service, such as tinct.v1.ColorizationService (default: the whole server)",
      "",
    ),
    timeout: number(5, [0.1, 600], "longest wait for the answer", "seconds"),
    ...jsonOption,
  },
  switches: [{ by: "probe", without: ["server", "service", ...serverFlags] }],
  both: ["timeout", "json"],
  async run({ options }, { environment }) {
    const timeoutMs = options.timeout * 1000;
    const asksGrpc = options.server !== undefined || options.service !== "";
    const probe = options.probe ?? (asksGrpc ? undefined : environment.probe);
    const status = probe === undefined
      ? await askGrpc({ ...options, server: options.server ?? DEFAULT_SERVER })
      : await askProbe(probe, timeoutMs);
    if (options.json) printJson({ status });
    else console.log(status);
    return status === "SERVING" ? 0 : 1;

    async function askGrpc(given: typeof options & { readonly server: string }): Promise<string> {
      using client = new ServiceClient(given, environment);
      const deadline = Date.now() + timeoutMs;
      const { status } = await client.ask<HealthCheckResponse__Output>((answer) =>
        client.health.check({ service: given.service }, { deadline }, answer)
      );
      return status;
    }
  },
});

/** What the address of probes answers. @throws {TinctError} where nobody answers in time. */
async function askProbe(address: string, timeoutMs: number): Promise<string> {
  const { host, port } = readHttpAddress(address, PROBES);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const asked = request({
    host: host.replace(/^\[(.*)\]$/, "$1"),
    port,
    path: PROBE_PATH,
    signal: AbortSignal.timeout(timeoutMs),
  }, (answer) => {
    let said = "";
    answer.setEncoding("utf8").on("data", (part: string) => said += part);
    answer.on("error", reject);
    answer.on("end", () => resolve(said.trim().slice(0, 40)));
  });
  asked.on("error", reject).end();
  try {
    return await promise;
  } catch (cause) {
    const why = messageOf(cause);
    throw new TinctError("unavailable", `No server answers probes at ${address} (${why}).`, {
      cause,
    });
  }
}
