import {
  boolean,
  choice,
  integer,
  number,
  readOptions,
  refuseViolations,
  type ValuesOf,
} from "./option.ts";

/**
 * Every setting of the server: its default, range, unit and meaning, once. The flags of `serve`, the
 * limits that GetCapabilities tells and the documentation are made from this table.
 */
export const serviceOptions = {
  reflection: boolean(true, "answer grpc.reflection, so clients need no protos"),
  jobs: choice(
    ["on", "off"],
    "off: train nothing, only answer; with --store other servers train what clients submit, without " +
      "it submissions and uploads are refused",
  ),
  replicas: integer(
    1,
    [1, 64],
    "processes that train one job together, each on its own GPU; on CPUs they share the cores",
    "processes",
  ),
  colorizeWorkers: integer(
    0,
    [0, 64],
    "most processes that colorize photos, on the devices of --colorize-device in turn; 0: one per " +
      "device",
    "processes",
  ),
  drainSeconds: number(30, [0, 3600], "longest shutdown, from SIGTERM to the exit", "seconds"),
  deadlineSeconds: number(
    300,
    [1, 86_400],
    "deadline of a unary call that sets none (streams have none), and longest wait for a " +
      "client's next message",
    "seconds",
  ),
  heartbeatSeconds: number(
    30,
    [1, 3600],
    "longest silence of a worker before the server kills it; its job continues in another worker",
    "seconds",
  ),
  leaseSeconds: number(
    60,
    [2, 3600],
    "with --store: time after which other servers take over the jobs of one that is silent",
    "seconds",
  ),
  maxMemoryMib: integer(
    0,
    [0, 1_000_000],
    "memory of the server's own process, which bounds the work under way; 0: an eighth of the " +
      "machine's or container's memory, 384 to 416 MiB",
    "MiB",
  ),
  maxArrivalSeconds: number(
    120,
    [0.1, 86_400],
    "longest arrival of a whole message, or of a photo or frame that comes in pieces",
    "seconds",
  ),
  maxReceiveMib: integer(16, [1, 1024], "largest message the server accepts", "MiB"),
  maxAnswerMib: number(
    4,
    [0.01, 1024],
    "largest answer of Colorize; clients refuse more than 4 MiB by default",
    "MiB",
  ),
  maxQueuedJobs: integer(100, [1, 100_000], "most jobs in the queue", "jobs"),
  maxQueuedPhotos: integer(64, [1, 10_000], "most photos waiting to be colorized", "photos"),
  maxPhotosPerCall: integer(
    4,
    [1, 1000],
    "most photos or frames of one call processed at a time",
    "photos",
  ),
  maxPhotoMib: integer(64, [1, 1024], "largest photo file", "MiB"),
  maxPhotoMegapixels: number(50, [0.01, 1000], "most pixels in a photo", "million pixels"),
  maxPhotoSide: integer(20_000, [256, 65_535], "longest side of a photo", "pixels"),
  maxDecodeSeconds: number(
    5,
    [0.1, 600],
    "most processor time for decoding a photo; the clock may take six times as long",
    "seconds",
  ),
  maxEncodeSeconds: number(
    20,
    [0.1, 600],
    "most processor time for encoding a result; the clock may take six times as long",
    "seconds",
  ),
  maxAvifMegapixels: number(
    24,
    [0.01, 1000],
    "most pixels in an AVIF result; encoding takes 40 bytes of memory per pixel",
    "million pixels",
  ),
  maxWorkMib: integer(
    1536,
    [64, 1_000_000],
    "most memory for all photos being processed; other photos wait",
    "MiB",
  ),
  maxDatasetPhotos: integer(1_000_000, [1, 100_000_000], "most photos in a dataset", "photos"),
  maxDatasetGib: number(500, [0.001, 1e6], "largest dataset", "GiB"),
  maxUploadsGib: number(2000, [0.001, 1e6], "most disk space for all uploaded datasets", "GiB"),
  maxDatasets: integer(10_000, [1, 1_000_000], "most uploaded datasets", "datasets"),
  maxUnfinishedDatasets: integer(
    1000,
    [1, 1_000_000],
    "most datasets with an unfinished upload",
    "datasets",
  ),
  maxUnfinishedPerClient: integer(
    100,
    [1, 1_000_000],
    "most unfinished uploads of one client; its name identifies it, or else its address",
    "datasets",
  ),
  maxWeights: integer(100, [0, 1_000_000], "most files of weights", "files"),
  maxWeightsMib: integer(
    1024,
    [1, 1_000_000],
    "largest file of weights, and most for the files of an imported model",
    "MiB",
  ),
  minFreeMib: integer(
    512,
    [0, 1e9],
    "free disk space below which the server refuses jobs and uploads",
    "MiB",
  ),
  maxWatcherBacklog: integer(
    1000,
    [1, 1e6],
    "most events a watcher may fall behind before the server skips some",
    "events",
  ),
  maxStallSeconds: number(
    30,
    [0.1, 86_400],
    "longest a client may stop reading a stream before the server ends the call",
    "seconds",
  ),
  keepaliveSeconds: number(
    60,
    [1, 3600],
    "time between keepalive pings to a client",
    "seconds",
  ),
  keepaliveTimeoutSeconds: number(
    20,
    [0.1, 3600],
    "longest silence after a ping before the server closes the connection",
    "seconds",
  ),
  maxIdleSeconds: number(
    300,
    [0.1, 86_400],
    "longest a connection may have no calls before the server closes it",
    "seconds",
  ),
  helloSeconds: number(
    10,
    [0.1, 600],
    "longest a new connection may take to send the HTTP/2 preface",
    "seconds",
  ),
  maxConnections: integer(2048, [1, 1_000_000], "most connections at a time", "connections"),
  maxConnectionsPerAddress: integer(
    256,
    [1, 1_000_000],
    "most connections at a time from one address",
    "connections",
  ),
  maxNewConnections: integer(
    500,
    [1, 1_000_000],
    "most new connections from one address in a minute; the server refuses more",
    "connections",
  ),
  maxCallsPerConnection: integer(
    100,
    [1, 100_000],
    "most calls at a time on one connection",
    "calls",
  ),
  maxCallsPerSecond: number(
    500,
    [0.1, 1e6],
    "most calls per second of one client, identified by its name or else its address; a burst may " +
      "have twice as many",
    "calls",
  ),
  maxWrongTokens: integer(
    100,
    [1, 1e6],
    "most wrong tokens from one address in ten seconds; after that the server checks no more",
    "tokens",
  ),
  maxMetadataKib: integer(8, [1, 1024], "largest metadata of one call", "KiB"),
  maxControlFrames: integer(
    500,
    [10, 1e6],
    "most pings and other frames without content in ten seconds before the server closes the " +
      "connection",
    "frames",
  ),
  maxResets: integer(
    500,
    [10, 1e6],
    "most calls a client may reset in ten seconds before the server closes its connection",
    "calls",
  ),
} as const;

/** The values of `serviceOptions`, complete and checked. */
export type ServiceSettings = ValuesOf<typeof serviceOptions>;

/** The most bytes of a sample picture in an event. */
export const maxSampleBytes = 3 * 1024 * 1024;

/**
 * Completes and checks the server's settings.
 *
 * @param input values by name; what is missing takes its default.
 * @throws {TinctError} invalid_argument that names every wrong one.
 */
export function parseServiceSettings(input: Readonly<Record<string, unknown>>): ServiceSettings {
  const { values, violations } = readOptions(serviceOptions, input);
  refuseViolations("The server's settings are invalid", violations);
  return values;
}
