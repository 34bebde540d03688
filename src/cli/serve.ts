import { resolve } from "node:path";
import process from "node:process";
import { onAbort } from "../abort.ts";
import { boolean, integer } from "../config/option.ts";
import { parseServiceSettings, serviceOptions, type ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import { isLocal, openAccess, requirePrivacy } from "../access/open_access.ts";
import { readAddress } from "../server/listen.ts";
import { lossLine, openLog } from "../log/log.ts";
import { readConnectionString } from "../stores/postgres/connection_string.ts";
import { requireRuntime } from "../server/runtime.ts";
import { readHttpAddress } from "../operating/http_listener.ts";
import { BROWSERS } from "../web_door/browsers.ts";
import type { WebPlace } from "../web_door/web_door.ts";
import { version } from "../version.ts";
import { text, texts } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { stderr } from "../terminal/output/standard_streams.ts";
import { openService } from "./open_service.ts";

export const command = defineCommand({
  description: [
    "Serves training and colorizing over gRPC until SIGTERM or Ctrl-C. Running jobs then write a",
    "checkpoint, and continue at the next start. The data folder holds everything the server must not",
    "forget; only one server may use it at a time, unless --store is given: then several share it, and a",
    "database. Each folder in the photos' folder is a dataset.",
  ].join("\n"),
  options: {
    dataDir: text("DIR", "the data folder; created if missing"),
    store: text(
      "URL",
      "database that several servers share, postgres://USER@HOST:PORT/DATABASE (default: " +
        "TINCT_STORE; without it a file in the data folder)",
    ),
    listen: text("ADDR", "address for clients: HOST:PORT or unix:PATH", "127.0.0.1:50051"),
    web: text(
      "HOST:PORT",
      "address for browsers, curl and Connect: HTTP, by HTTPS if the server has TLS; off: none " +
        "(default: 127.0.0.1:8051 if --listen is on loopback)",
    ),
    webMetrics: boolean(false, "answer Prometheus at --web, too: GET /metrics"),
    webOrigin: texts(
      "URL",
      "origin of the pages where a proxy stands before --web; may be given several times",
    ),
    metrics: text(
      "HOST:PORT",
      "address for Prometheus: GET /metrics, by HTTPS if the server has TLS",
    ),
    probe: text(
      "HOST:PORT",
      "address for probes: GET /healthz by plain HTTP (default: TINCT_PROBE)",
    ),
    photos: text(
      "DIR",
      "folder whose subfolders are datasets (default: photos in the data folder)",
    ),
    colorizeDevice: text(
      "DEVICE",
      "device that colorizes photos: cpu, or for example gpu:0; or several, such as gpu:0,gpu:1",
      "cpu",
    ),
    preload: texts(
      "NAME",
      "load this promoted model at the start; may be given several times",
    ),
    tlsCert: text("FILE", "PEM file with the server's certificate and its chain"),
    tlsKey: text("FILE", "PEM file with the key of that certificate"),
    tlsClientCa: text(
      "FILE",
      "PEM file with the authorities of client certificates; requires one from every client",
    ),
    access: text("FILE", "JSON file that says who may call what; `tinct token` writes it"),
    insecure: boolean(
      false,
      "let other machines connect (also to --web and --metrics) without TLS",
    ),
    threads: integer(0, [0, 1024], "threads of each worker; 0: one per core"),
    ...serviceOptions,
  },
  check: ({ web, listen, webMetrics, webOrigin }) => {
    const given = [
      ...(webMetrics === true ? ["webMetrics"] : []),
      ...(Array.isArray(webOrigin) && webOrigin.length > 0 ? ["webOrigin"] : []),
    ];
    if (web !== "off" && (web ?? listen) === undefined) return [];
    if (web !== "off" && (web !== undefined || isAtHome(String(listen)))) return [];
    const description = web === "off"
      ? "does not go with --web off"
      : "needs --web HOST:PORT, which is off by default beside this --listen";
    return given.map((field) => ({ field, description }));
  },
  async run({ options }, context) {
    requireRuntime(process.versions["deno"]);
    if (options.dataDir === undefined) {
      throw new TinctError(
        "invalid_argument",
        "--data-dir is missing: the folder for the server's data.",
      );
    }
    const settings = parseServiceSettings(
      Object.fromEntries(
        Object.keys(serviceOptions).map((name) => [name, options[name as keyof ServiceSettings]]),
      ),
    );
    const dataFolder = resolve(options.dataDir);
    const store = options.store ?? context.environment.store;
    const database = store === undefined ? undefined : readConnectionString(store);
    stderr.stream.describeLoss = (lost) => lossLine(stderr, lost);
    using log = openLog(stderr, { least: context.debug ? "debug" : "info" });
    const { listen: address, tlsCert, tlsKey, tlsClientCa, access: file, insecure } = options;
    readAddress(address); // before advice on TLS for what is no address
    const guards = { tlsCert, tlsKey, tlsClientCa, access: file, insecure };
    using access = await openAccess(guards, address, log);
    const web = webPlace(options.web, address);
    if (web) requirePrivacy(web.address, { isSecure: access.tls !== undefined, insecure });
    if (access.control === undefined && !isLocal(address) && tlsClientCa === undefined) {
      const message =
        "Everyone who reaches this server may do everything; --access restricts that.";
      log.write({ level: "warning", message, fields: { address } });
    }
    await using service = await openService({
      dataFolder,
      database,
      address,
      access,
      web,
      webMetrics: options.webMetrics,
      webOrigins: options.webOrigin.map(originOf),
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
      web: server.webUrl === "" ? undefined : server.webUrl,
      metrics: service.metricsAddress,
      probe: service.probeAddress,
      dataFolder,
      store: database?.name,
      version,
    };
    log.write({ level: "info", message: "The server is ready.", fields });
    await new Promise<void>((resolve) => onAbort(context.signal, () => resolve()));
    log.write({ level: "info", message: "The server stops.", fields: {} });
    await server.stop();
    log.write({ level: "info", message: "The server has stopped.", fields: {} });
  },
});

/** Where browsers come. @param given what `--web` says. @param address gRPC's. */
function webPlace(given: string | undefined, address: string): WebPlace | undefined {
  if (given === "off") return undefined;
  if (given !== undefined) {
    readHttpAddress(given, BROWSERS);
    return { address: given };
  }
  if (!isAtHome(address)) return undefined;
  return { address: address.replace(/\d+$/, `${BROWSERS.usualPort}`), orAnyPort: true };
}

/** Whether browsers have an address by default where gRPC has this one. */
function isAtHome(address: string): boolean {
  return !address.startsWith("unix:") && isLocal(address);
}

/** @throws {TinctError} invalid_argument for what is no origin. */
function originOf(given: string): string {
  const url = URL.parse(given);
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  throw new TinctError(
    "invalid_argument",
    `--web-origin ${
      JSON.stringify(given)
    } is not an origin: give SCHEME://HOST, with a port where ` +
      "it is not the scheme's, such as https://tinct.example.com.",
  );
}
