import { dirname } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { socketPathOf, unixEndpoint, type WorkerEndpoint } from "../protocol/worker_endpoint.ts";

/** What a worker is for: the entry file of that name in `workers/`. */
type WorkerProgram = "train" | "colorize" | "inspect" | "measure" | "scale" | "examine";

/** What a worker gets at besides the program's own files. */
export interface WorkerAccess {
  readonly program: WorkerProgram;
  /** Where it dials. */
  readonly endpoint: WorkerEndpoint;
  /** Another socket, at which replicas of a training meet; absolute. */
  readonly controlPath?: string;
  /** Folders that it may read; absolute. */
  readonly read: readonly string[];
  /** Folders that it may read and write; absolute. */
  readonly write: readonly string[];
  /** `libtensorflow_cc.so.2`; undefined for one that does not compute. */
  readonly libraryPath: string | undefined;
  /** The only environment variables that it gets. */
  readonly environment: Readonly<Record<string, string>>;
}

/** How a worker is started. */
export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to this process's nice value, from 0: how far it stands back where processors are scarce. */
  readonly niceness: number;
  readonly environment: Readonly<Record<string, string>>;
}

/** What the packages ask of the system, for the report by which sharp tells one C library from another. */
const SYSTEM_FACTS = [
  "cpus",
  "hostname",
  "homedir",
  "loadavg",
  "networkInterfaces",
  "osRelease",
  "osUptime",
  "systemMemoryInfo",
  "userInfo",
];

/**
 * Training takes every processor there is. Beside it the server, which needs little but needs it at
 * once, and photos that somebody waits for go first. So they do beside what watchers have scaled.
 */
const NICENESS = 5;
const stepsBack: ReadonlySet<WorkerProgram> = new Set(["train", "scale"]);

/**
 * The command of a worker, with the least permissions of Deno's that it can work with: no network
 * but its sockets, no processes of its own, no files but those named.
 *
 * TensorFlow's collectives between replicas are no matter of Deno's: they go their own way, over ports
 * that are bound to the loopback device.
 *
 * A worker that computes may call any foreign function. To name the library alone would not do,
 * since reading C memory (`Deno.UnsafePointerView`) asks for the whole permission; nor would it keep
 * anything out, as every function of the C library can be reached through any library.
 */
export function workerCommand(access: WorkerAccess): WorkerCommand {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  const { program, endpoint, controlPath, read, write, libraryPath, environment } = access;
  const addresses = [
    endpoint.address,
    ...(controlPath === undefined ? [] : [unixEndpoint(controlPath).address]),
  ];
  const sockets = addresses.map(socketPathOf).filter((path) => path !== undefined);
  const packages = `${root}node_modules`;
  const readable = [
    ...["src", "workers", "deno.json"].map((name) => root + name),
    packages,
    ...sockets,
    ...read,
    ...write,
    ...(libraryPath === undefined ? [] : [dirname(libraryPath), "/proc/cpuinfo"]),
  ];
  return {
    command: process.execPath,
    niceness: stepsBack.has(program) ? NICENESS : 0,
    args: [
      "run",
      "--no-prompt",
      "--cached-only",
      "--quiet",
      // The packages are there, since this process runs on them: Deno need not look after them.
      "--node-modules-dir=manual",
      `--config=${root}deno.json`,
      `--allow-net=${addresses.map(listed).join(",")}`,
      `--allow-read=${readable.map(listed).join(",")}`,
      `--allow-write=${[...sockets, ...write].map(listed).join(",")}`,
      libraryPath === undefined ? `--allow-ffi=${listed(packages)}` : "--allow-ffi",
      // It has nothing but what it is given: there is nothing to hide.
      "--allow-env",
      `--allow-sys=${SYSTEM_FACTS.join(",")}`,
      `${root}workers/${program}.ts`,
    ],
    environment,
  };
}

/** A value of one of Deno's lists: commas part the values, and two stand for one. */
function listed(value: string): string {
  return value.replaceAll(",", ",,");
}
