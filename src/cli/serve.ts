import { resolve } from "node:path";
import process from "node:process";
import { boolean, integer } from "../config/option.ts";
import { parseServiceSettings, serviceOptions, type ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import { isLocal, openAccess } from "../access/open_access.ts";
import { readAddress } from "../server/listen.ts";
import { lossLine, openLog } from "../log/log.ts";
import { requireRuntime } from "../server/runtime.ts";
import { version } from "../version.ts";
import { text, texts } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { openService } from "./open_service.ts";

export const command = defineCommand({
  description: [
    "Serves training and colorizing over gRPC until SIGTERM or Ctrl-C; then running jobs write a",
    "checkpoint, and go on at the next start. Everything the server must not forget is in the data",
    "folder, which one server at a time may use. Each folder in the photos' folder is a dataset.",
  ].join("\n"),
  options: {
    dataDir: text("DIR", "the data folder; made if need be"),
    listen: text("ADDR", "where clients connect: HOST:PORT or unix:PATH", "127.0.0.1:50051"),
    metrics: text(
      "HOST:PORT",
      "answer Prometheus there: GET /metrics, by HTTPS where there is TLS",
    ),
    probe: text(
      "HOST:PORT",
      "answer probes there: GET /healthz by plain HTTP (default: TINCT_PROBE)",
    ),
    photos: text("DIR", "folder whose folders are datasets (default: photos in the data folder)"),
    colorizeDevice: text("DEVICE", "where photos are colorized: cpu, or such as gpu:0", "cpu"),
    preload: texts(
      "NAME",
      "load this promoted model before clients ask; may be given several times",
    ),
    tlsCert: text("FILE", "PEM file of the server's certificate, with its chain"),
    tlsKey: text("FILE", "PEM file of its key"),
    tlsClientCa: text(
      "FILE",
      "PEM file of the authorities of clients' certificates, then required",
    ),
    access: text("FILE", "who may call what: JSON that `tinct token` writes"),
    insecure: boolean(false, "listen (and answer --metrics) beyond this machine without TLS"),
    threads: integer(0, [0, 1024], "threads of each worker; 0: one a core"),
    ...serviceOptions,
  },
  async run({ options }, context) {
    requireRuntime(process.versions["deno"]);
    if (options.dataDir === undefined) {
      throw new TinctError(
        "invalid_argument",
        "--data-dir is missing: the folder to keep data in.",
      );
    }
    const settings = parseServiceSettings(
      Object.fromEntries(
        Object.keys(serviceOptions).map((name) => [name, options[name as keyof ServiceSettings]]),
      ),
    );
    const dataFolder = resolve(options.dataDir);
    stderr.stream.describeLoss = (lost) => lossLine(stderr, lost);
    using log = openLog(stderr, { least: context.debug ? "debug" : "info" });
    const { listen: address, tlsCert, tlsKey, tlsClientCa, access: file, insecure } = options;
    readAddress(address); // before advice on TLS for what is no address
    const guards = { tlsCert, tlsKey, tlsClientCa, access: file, insecure };
    using access = await openAccess(guards, address, log);
    if (access.control === undefined && !isLocal(address) && tlsClientCa === undefined) {
      const message = "Whoever reaches this server may do everything; --access says who may.";
      log.write({ level: "warning", message, fields: { address } });
    }
    await using service = await openService({
      dataFolder,
      address,
      access,
      metricsAddress: options.metrics,
      insecure,
      probeAddress: options.probe ?? context.environment.probe,
      photos: options.photos === undefined ? undefined : resolve(options.photos),
      colorizeDevice: options.colorizeDevice,
      threads: options.threads,
      preload: options.preload,
      settings,
      log,
    }, context);
    const { server } = service;
    const fields = {
      address: server.address,
      metrics: service.metricsAddress,
      probe: service.probeAddress,
      dataFolder,
      version,
    };
    log.write({ level: "info", message: "The server is ready.", fields });
    await aborted(context.signal);
    log.write({ level: "info", message: "The server stops.", fields: {} });
    await server.stop();
    log.write({ level: "info", message: "The server has stopped.", fields: {} });
  },
});

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}
