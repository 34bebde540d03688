import assert from "assert";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { credentials, Metadata, type ServiceError, status as codes } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { ServedProcess } from "../service/served_process.ts";

const contract = loadPublicContract();

/** A server that asks for tokens: "eve" may colorize, "ada" may do everything. */
export class Guarded implements AsyncDisposable {
  readonly served: ServedProcess;
  readonly #owner: AsyncDisposableStack;
  readonly #ada;

  private constructor(served: ServedProcess, owner: AsyncDisposableStack) {
    this.served = served;
    this.#owner = owner;
    this.#ada = contract.connect(
      "tinct.v1.ColorizationService",
      served.address,
      credentials.createInsecure(),
    );
  }

  static async open(args: readonly string[] = []): Promise<Guarded> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    const file = folder.join("access.json");
    const tokens = Object.entries({ eve: ["colorize"], ada: ["admin"] }).map(([name, scopes]) => ({
      name,
      scopes,
      sha256: createHash("sha256").update(name).digest("hex"),
    }));
    await writeFile(file, JSON.stringify({ tokens }));
    // Ada asks as fast as she is answered, which on a calm machine is more than the default allows.
    const unbounded = ["--max-calls-per-second", "1000000"];
    const all = ["--access", file, "--min-free-mib", "0", ...unbounded, ...args];
    const served = owner.use(await ServedProcess.start(folder.join("data"), all));
    assert.notEqual(served.address, "", JSON.stringify(served.lines));
    const guarded = new Guarded(served, owner.move());
    for (let index = 0; index < 50; index++) await guarded.ask(); // warms it up
    return guarded;
  }

  /** The most resident memory the server ever had, in MiB. */
  async peakMib(): Promise<number> {
    const status = await readFile(`/proc/${this.served.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** A small call of Ada's. @returns the status of its end. */
  async ask(): Promise<number> {
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer ada");
    return await new Promise((resolve) => {
      const image = Buffer.alloc(100_000);
      const deadline = { deadline: Date.now() + 30_000 };
      this.#ada.colorize(
        { image, model: { name: "none" } },
        metadata,
        deadline,
        (error: ServiceError | null) => resolve(error?.code ?? codes.OK),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ada.close();
    await this.#owner[Symbol.asyncDispose]();
  }
}
