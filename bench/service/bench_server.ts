import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Client, credentials, type requestCallback } from "@grpc/grpc-js";
import { encodePhoto } from "../../src/images/encode.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";

const ownClone = fileURLToPath(new URL("../../", import.meta.url));
const contract = loadPublicContract();

/** The dataset that every server here has. */
export const datasetName = "scenes";

/** Where a server that is ready listens, as it says itself. */
interface Ready {
  readonly address: string;
  readonly probe: string | undefined;
}

/** A server of our own in a process of its own, over a temporary data folder; Linux only. */
export class BenchServer implements AsyncDisposable {
  readonly folder: string;
  readonly address: string;
  /** Where it answers probes over HTTP; undefined where it was not asked to. */
  readonly probe: string | undefined;
  readonly #child: ChildProcess;
  readonly #clients: Client[] = [];

  private constructor(folder: string, { address, probe }: Ready, child: ChildProcess) {
    this.folder = folder;
    this.address = address;
    this.probe = probe;
    this.#child = child;
  }

  /** Starts `tinct serve`, as a user would, with a dataset of painted scenes. */
  static async start(
    { photos, side, preloads = [], flags = [], clone = ownClone }: {
      readonly photos: number;
      readonly side: number;
      /** Addresses of modules that the server's process loads first. */
      readonly preloads?: readonly string[];
      /** Flags of `serve` beside those of every server here. */
      readonly flags?: readonly string[];
      /** The folder of the program; this one by default. */
      readonly clone?: string;
    },
  ): Promise<BenchServer> {
    const folder = await mkdtemp(join(tmpdir(), "tinct-bench-"));
    await paintScenes(join(folder, "photos", datasetName), photos, side);
    const before = preloads.map((preload) => `--preload=${preload}`);
    const serve = ["serve", "--data-dir", folder, "--listen", "127.0.0.1:0", ...flags];
    const args = ["run", "-A", ...before, join(clone, "src/cli/main.ts"), ...serve];
    const child = spawn(process.execPath, [...args, "--min-free-mib", "0"], {
      cwd: clone,
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ready = Promise.withResolvers<Ready>();
    let rest = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      const lines = (rest + part).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const { address, probe, message, level } = line.startsWith("{")
          ? JSON.parse(line)
          : { address: undefined, probe: undefined, message: line, level: undefined };
        if (typeof address === "string") ready.resolve({ address, probe });
        else if (level === "warning" || level === "error") console.error(`server: ${message}`);
      }
    });
    child.once("close", (code) => ready.reject(new Error(`The server ended with ${code}.`)));
    return new BenchServer(folder, await ready.promise, child);
  }

  /**
   * A client of the service; on a connection of its own where that is wanted, or by another address
   * that leads there.
   */
  connect<N extends Parameters<typeof contract.connect>[0]>(
    name: N,
    { own = false, address = this.address }: { own?: boolean; address?: string } = {},
  ) {
    const client = contract.connect(name, address, credentials.createInsecure(), {
      "grpc.use_local_subchannel_pool": own ? 1 : 0,
      "grpc.max_receive_message_length": 8 * 1024 * 1024,
    });
    this.#clients.push(client);
    return client;
  }

  /** The server's process. */
  get pid(): number {
    return this.#child.pid ?? NaN;
  }

  /** Resident memory of the server's process in bytes: now, and the most it ever was. */
  async memory(): Promise<{ readonly nowBytes: number; readonly peakBytes: number }> {
    const status = await readFile(`/proc/${this.#child.pid}/status`, "utf8");
    const bytes = (name: string) => 1024 * Number(status.match(`${name}:\\s*(\\d+) kB`)?.[1]);
    return { nowBytes: bytes("VmRSS"), peakBytes: bytes("VmHWM") };
  }

  /** Process id of a worker of the server's, such as "train". */
  async workerPid(program: string): Promise<number> {
    for (const task of await readdir(`/proc/${this.#child.pid}/task`)) {
      const children = await readFile(
        `/proc/${this.#child.pid}/task/${task}/children`,
        "utf8",
      );
      for (const pid of children.split(" ").filter(Boolean)) {
        const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
        if (command.includes(`workers/${program}.ts`)) return Number(pid);
      }
    }
    throw new Error(`The server has no worker to ${program}.`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients) client.close();
    if (this.#child.exitCode === null) {
      const closed = once(this.#child, "close");
      process.kill(this.#child.pid ?? 0, "SIGTERM");
      await closed;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Makes a call with one answer. */
export function ask<Response>(
  call: (answer: requestCallback<Response>) => unknown,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    call((error, response) => {
      if (error) reject(error);
      else if (response === undefined) reject(new TypeError("An answer without a message."));
      else resolve(response);
    });
  });
}

/** Paints scenes into a folder of PNGs. */
async function paintScenes(folder: string, count: number, side: number): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let index = 0; index < count; index++) {
    const picture = { width: side, height: side, rgb: renderScene(index, { size: side }) };
    await writeFile(join(folder, `${index}.png`), await encodePhoto(picture, { format: "png" }));
  }
}
