import assert from "assert";
import { readFile } from "node:fs/promises";
import { credentials } from "@grpc/grpc-js";
import type { HealthCheckResponse__Output } from "../../src/protocol/generated/grpc/health/v1/health_check_response.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime } from "../in_time.ts";
import { answer } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";

const contract = loadPublicContract();

/** What an attack cost others. */
interface Toll {
  /** Calls that another client made meanwhile, all answered. */
  readonly calls: number;
  /** The longest of them took so long. */
  readonly longestMs: number;
  readonly seconds: number;
}

/**
 * `tinct serve` in a process of its own, under attack, and another client of it that goes on calling.
 * After each attack the server must be the same process, healthy, and about as large as before.
 */
export class Besieged implements AsyncDisposable {
  readonly served: ServedProcess;
  readonly folder: TemporaryFolder;
  readonly #owner: AsyncDisposableStack;
  readonly #bystander = () =>
    contract.connect(
      "tinct.v1.TrainingJobService",
      this.served.address,
      credentials.createInsecure(),
    );
  #warmBytes = 0;

  private constructor(
    served: ServedProcess,
    folder: TemporaryFolder,
    owner: AsyncDisposableStack,
  ) {
    this.served = served;
    this.folder = folder;
    this.#owner = owner;
  }

  /** @param args more arguments of `serve`. */
  static async open(args: readonly string[] = []): Promise<Besieged> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    // The bystander shares the attackers' address; what it is measured by is not its own limit.
    const all = ["--max-calls-per-second", "1000000", "--min-free-mib", "0", ...args];
    const served = owner.use(await ServedProcess.start(folder.join("data"), all));
    assert.notEqual(served.address, "", JSON.stringify(served.lines));
    const besieged = new Besieged(served, folder, owner.move());
    await besieged.#check("before any attack", Infinity);
    return besieged;
  }

  get address(): string {
    return this.served.address;
  }

  /** Resident memory of the server's process, in bytes. */
  async memoryBytes(): Promise<number> {
    const status = await readFile(`/proc/${this.served.pid}/status`, "utf8");
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
  }

  /** Open descriptors of the server's process. */
  async openFiles(): Promise<number> {
    let count = 0;
    for await (const _ of Deno.readDir(`/proc/${this.served.pid}/fd`)) count++;
    return count;
  }

  /**
   * Attacks, while another client calls, and looks after the server.
   *
   * @param growthMib by which the server may be larger afterwards than after the first attack. It is
   *   128 by default: V8's young heap grows with the calls that the server answers, also others', by
   *   80 to 105 MiB in the first seconds, and then stays (measured for each attack of these tests, in
   *   four runs).
   */
  async attack(
    what: string,
    attack: (address: string) => Promise<void>,
    { growthMib = 128 } = {},
  ): Promise<Toll> {
    const client = this.#bystander();
    const over = new AbortController();
    const toll = { calls: 0, longestMs: 0 };
    const calling = (async () => {
      do {
        const startedMs = performance.now();
        await answer<ListTrainingJobsResponse__Output>((back) =>
          client.listTrainingJobs({}, { deadline: Date.now() + 30_000 }, back)
        );
        toll.longestMs = Math.max(toll.longestMs, performance.now() - startedMs);
        toll.calls++;
      } while (!over.signal.aborted);
    })();
    const startedMs = performance.now();
    try {
      await inTime(attack(this.address), `the attack "${what}" is over`);
    } finally {
      over.abort();
      try {
        await calling;
      } finally {
        client.close();
      }
    }
    const seconds = (performance.now() - startedMs) / 1000;
    await this.#check(what, growthMib);
    return { ...toll, seconds };
  }

  async #check(what: string, growthMib: number): Promise<void> {
    const health = contract.connect(
      "grpc.health.v1.Health",
      this.address,
      credentials.createInsecure(),
    );
    try {
      const { status } = await answer<HealthCheckResponse__Output>((back) =>
        health.check({ service: "tinct.v1.ColorizationService" }, {
          deadline: Date.now() + 30_000,
        }, back)
      );
      assert.equal(status, "SERVING", what);
    } finally {
      health.close();
    }
    const bytes = await this.memoryBytes();
    if (this.#warmBytes === 0) {
      if (growthMib !== Infinity) this.#warmBytes = bytes;
      return;
    }
    const grownMib = (bytes - this.#warmBytes) / 2 ** 20;
    assert.ok(grownMib < growthMib, `${what}: the server grew by ${grownMib.toFixed(0)} MiB`);
    const unforeseen = this.served.lines.filter(({ level }) => level === "error");
    assert.deepEqual(unforeseen, [], `${what}: the server's log`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner[Symbol.asyncDispose]();
  }
}
