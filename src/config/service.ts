import {
  boolean,
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
  reflection: boolean(true, "answer grpc.reflection, so that clients need no protos"),
  replicas: integer(
    1,
    [1, 64],
    "processes that train a job together, each on a GPU of its own; on CPUs they share them",
    "processes",
  ),
  drainSeconds: number(30, [0, 3600], "time to stop in, from SIGTERM to the exit", "seconds"),
  deadlineSeconds: number(
    300,
    [1, 86_400],
    "deadline of a single call that brings none (streams have none), and longest wait for a " +
      "client's next message",
    "seconds",
  ),
  heartbeatSeconds: number(
    30,
    [1, 3600],
    "silence after which a worker is killed; its job then goes on with another",
    "seconds",
  ),
  maxMemoryMib: integer(
    0,
    [0, 1_000_000],
    "memory of the server's own process, by which what is under way is bounded; 0: an eighth of the " +
      "machine's or container's, 384 to 416",
    "MiB",
  ),
  maxArrivalSeconds: number(
    120,
    [0.1, 86_400],
    "time in which a message, or a photo of ColorizeStream, must be there whole",
    "seconds",
  ),
  maxReceiveMib: integer(16, [1, 1024], "largest message that is received", "MiB"),
  maxAnswerMib: number(
    4,
    [0.01, 1024],
    "largest answer of Colorize; clients refuse more than 4 MiB by default",
    "MiB",
  ),
  maxQueuedJobs: integer(100, [1, 100_000], "most jobs that wait", "jobs"),
  maxQueuedPhotos: integer(64, [1, 10_000], "most photos that wait for colorizing", "photos"),
  maxPhotosPerCall: integer(
    4,
    [1, 1000],
    "photos of one ColorizeStream that are in work at a time",
    "photos",
  ),
  maxPhotoMib: integer(64, [1, 1024], "largest file of a photo", "MiB"),
  maxPhotoMegapixels: number(50, [0.01, 1000], "most pixels of a photo", "million pixels"),
  maxPhotoSide: integer(20_000, [256, 65_535], "longest side of a photo", "pixels"),
  maxDecodeSeconds: number(
    5,
    [0.1, 600],
    "most processor time that decoding a photo may take; six times as long by the clock",
    "seconds",
  ),
  maxEncodeSeconds: number(
    20,
    [0.1, 600],
    "most processor time that encoding a result may take; six times as long by the clock",
    "seconds",
  ),
  maxAvifMegapixels: number(
    24,
    [0.01, 1000],
    "most pixels of a result in AVIF, which takes 40 bytes of memory each",
    "million pixels",
  ),
  maxWorkMib: integer(
    1536,
    [64, 1_000_000],
    "memory that photos in work may take together; others wait for their turn",
    "MiB",
  ),
  maxDatasetPhotos: integer(1_000_000, [1, 100_000_000], "most photos of a dataset", "photos"),
  maxDatasetGib: number(500, [0.001, 1e6], "largest dataset", "GiB"),
  maxUploadsGib: number(2000, [0.001, 1e6], "room that all uploaded datasets may take", "GiB"),
  maxDatasets: integer(10_000, [1, 1_000_000], "most uploaded datasets", "datasets"),
  maxUnfinishedDatasets: integer(
    1000,
    [1, 1_000_000],
    "most datasets whose upload was begun and has not ended",
    "datasets",
  ),
  maxUnfinishedPerClient: integer(
    100,
    [1, 1_000_000],
    "most of them that one client began, by its name or else its address",
    "datasets",
  ),
  minFreeMib: integer(
    512,
    [0, 1e9],
    "free room on the disk under which jobs and uploads are refused",
    "MiB",
  ),
  maxWatcherBacklog: integer(
    1000,
    [1, 1e6],
    "events that a watcher may be behind before some are left out for it",
    "events",
  ),
  maxStallSeconds: number(
    30,
    [0.1, 86_400],
    "time after which a client that takes nothing of a stream, of which more waits for it, loses " +
      "the call",
    "seconds",
  ),
  keepaliveSeconds: number(
    60,
    [1, 3600],
    "time between signs of life that are asked of silent clients",
    "seconds",
  ),
  keepaliveTimeoutSeconds: number(
    20,
    [0.1, 3600],
    "time in which a sign of life must come, or the connection is cut",
    "seconds",
  ),
  maxIdleSeconds: number(
    300,
    [0.1, 86_400],
    "time after which a connection without calls is closed",
    "seconds",
  ),
  helloSeconds: number(
    10,
    [0.1, 600],
    "time in which a new connection must say that it speaks HTTP/2",
    "seconds",
  ),
  maxConnections: integer(2048, [1, 1_000_000], "connections at a time", "connections"),
  maxConnectionsPerAddress: integer(
    256,
    [1, 1_000_000],
    "connections at a time from one address",
    "connections",
  ),
  maxNewConnections: integer(
    500,
    [1, 1_000_000],
    "new connections of one address in ten seconds; more are refused",
    "connections",
  ),
  maxCallsPerConnection: integer(100, [1, 100_000], "calls at a time of one connection", "calls"),
  maxCallsPerSecond: number(
    500,
    [0.1, 1e6],
    "calls a second of one client, by its name or else its address; a burst of twice as many",
    "calls",
  ),
  maxWrongTokens: integer(
    100,
    [1, 1e6],
    "wrong tokens of one address in ten seconds; past it no other is looked at",
    "tokens",
  ),
  maxMetadataKib: integer(8, [1, 1024], "largest metadata of a call", "KiB"),
  maxControlFrames: integer(
    500,
    [10, 1e6],
    "pings and other frames without content in ten seconds before a connection is cut",
    "frames",
  ),
  maxResets: integer(
    500,
    [10, 1e6],
    "calls that a client may reset in ten seconds before its connection is cut",
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
  refuseViolations("The settings of the server do not fit", violations);
  return values;
}
