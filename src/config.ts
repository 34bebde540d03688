import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** What the environment says; the program reads it here and nowhere else. */
export interface Environment {
  /** `TINCT_TENSORFLOW`: the folder of the TensorFlow library; undefined: look in the cache. */
  readonly tensorflowFolder: string | undefined;
  /** `TINCT_CACHE`, else `XDG_CACHE_HOME/tinct`, else `~/.cache/tinct`. */
  readonly cacheFolder: string;
  /** `TINCT_DEBUG`: show stacks and the library's own log lines. */
  readonly debug: boolean;
  /** `TINCT_TOKEN`: the token that the command line sends to servers. */
  readonly token: string | undefined;
  /** `TINCT_PROBE`: "HOST:PORT" where a server answers probes, and where `tinct health` asks. */
  readonly probe: string | undefined;
  /** `TINCT_STORE`: the database that servers share, with its password perhaps. */
  readonly store: string | undefined;
  /** `CUDA_VISIBLE_DEVICES`: which GPUs CUDA shows, "" none; undefined: all. */
  readonly visibleGpus: string | undefined;
  /** `PATH`: where programs are looked for. */
  readonly searchPath: string | undefined;
  /** `NO_COLOR` (no-color.org) forbids colours on the terminal. */
  readonly noColor: boolean;
  /** The proxy by which servers on other machines are reached; undefined: directly. */
  readonly proxy?: Proxy | undefined;
}

/** An HTTP proxy, as gRPC's libraries find it in the environment. */
export interface Proxy {
  /** Which variable names it. */
  readonly variable: string;
  /** Its HOST:PORT, without a password that may stand before it. */
  readonly address: string;
  /** Which variable exempts hosts from it. */
  readonly exemptions: string;
}

/**
 * Reads the environment.
 *
 * @param variables the variables; those of this process unless a test gives others.
 */
export function readEnvironment(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Environment {
  const given = (name: string) => variables[name] === "" ? undefined : variables[name];
  const cacheRoot = given("XDG_CACHE_HOME") ?? join(given("HOME") ?? homedir(), ".cache");
  return {
    tensorflowFolder: given("TINCT_TENSORFLOW"),
    cacheFolder: given("TINCT_CACHE") ?? join(cacheRoot, "tinct"),
    debug: given("TINCT_DEBUG") !== undefined && given("TINCT_DEBUG") !== "0",
    token: given("TINCT_TOKEN"),
    probe: given("TINCT_PROBE"),
    store: given("TINCT_STORE"),
    visibleGpus: variables.CUDA_VISIBLE_DEVICES, // set to nothing it hides them all
    searchPath: variables.PATH,
    noColor: given("NO_COLOR") !== undefined,
    proxy: proxyOf(given),
  };
}

/** In the order in which gRPC's libraries look. */
const proxyVariables = ["grpc_proxy", "https_proxy", "http_proxy"] as const;

function proxyOf(given: (name: string) => string | undefined): Proxy | undefined {
  const variable = proxyVariables.find((name) => given(name) !== undefined);
  if (variable === undefined) return undefined;
  const url = URL.parse(given(variable) ?? "");
  if (url?.protocol !== "http:") return undefined; // gRPC goes by no other
  const exemptions = given("no_grpc_proxy") === undefined ? "no_proxy" : "no_grpc_proxy";
  return { variable, address: url.host, exemptions };
}

/** What workers get of the environment: where the runtime's cache and the GPU's driver are. */
const workerNames =
  /^(?:HOME|XDG_CACHE_HOME|TMPDIR|DENO_DIR|LD_LIBRARY_PATH|NO_COLOR)$|^(?:TF|CUDA|NVIDIA|OMP|DNNL|ONEDNN)_/;

/**
 * The variables that worker processes are started with. All others stay here: a worker decodes
 * strangers' photos, and the environment may hold secrets.
 */
export function workerVariables(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value !== undefined && workerNames.test(name) ? [[name, value]] : []
    ),
  );
}

/**
 * The variables that a replica's process is started with: this process's own.
 *
 * @param gpu which of the visible GPUs it gets; undefined: what this process sees.
 */
export function replicaVariables(
  gpu: number | undefined,
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string | undefined> {
  // Its collectives fail by design when a replica is lost, and TensorFlow would log each as an error.
  const quiet = { TF_CPP_MIN_LOG_LEVEL: "3", ...variables };
  if (gpu === undefined) return quiet;
  const visible = variables.CUDA_VISIBLE_DEVICES?.split(",").map((name) => name.trim());
  return { ...quiet, CUDA_VISIBLE_DEVICES: visible ? visible[gpu] ?? "-1" : String(gpu) };
}
