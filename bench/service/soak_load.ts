import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { type ServiceError, status as codes } from "@grpc/grpc-js";
import { ask, type BenchServer, datasetName } from "./bench_server.ts";
import { CutLine } from "./cut_line.ts";
import { sampleProcesses } from "./process_probe.ts";
import { submit } from "./training_job.ts";

/** Endings of a photo's call that a killed worker explains. */
const excused: ReadonlySet<number> = new Set([codes.UNAVAILABLE, codes.RESOURCE_EXHAUSTED]);

/** The most workers of a job that are killed: with one more lost, a job has failed by design. */
const KILLS_PER_JOB = 2;

/** What was asked of a server, and what became of it. */
export class SoakLoad {
  readonly counts = { jobs: 0, photos: 0, excusedPhotos: 0, watchers: 0, events: 0, kills: 0 };
  /** Requests that were not answered as they should be, in words. */
  readonly faults: string[] = [];
  readonly #server: BenchServer;
  readonly #signal: AbortSignal;
  /** A job that is over, to colorize with; its checkpoints stay until the next one is over. */
  #finished: string | undefined;
  #running: string | undefined;
  #killsLeft = 0;

  /** @param signal ends the load. */
  constructor(server: BenchServer, signal: AbortSignal) {
    this.#server = server;
    this.#signal = signal;
  }

  /** Loads the server until the signal; then all that was made is deleted again. */
  async run(config: Readonly<Record<string, number>>): Promise<void> {
    await Promise.all([
      this.#train(config),
      ...Array.from({ length: 2 }, () => this.#colorize()),
      ...Array.from({ length: 4 }, () => this.#watch()),
      this.#kill(),
    ]);
    if (this.#finished !== undefined) await this.#delete(this.#finished);
  }

  async #train(config: Readonly<Record<string, number>>): Promise<void> {
    const client = this.#server.connect("tinct.v1.ColorizationService");
    while (!this.#signal.aborted) {
      const jobId = await submit(this.#server, config);
      this.#running = jobId;
      this.#killsLeft = KILLS_PER_JOB;
      const call = client.streamMetrics({ jobId });
      let last = "";
      call.on("data", ({ state }: { state: { to: string } | null }) => last = state?.to ?? last);
      await once(call, "end");
      if (last !== "JOB_STATE_SUCCEEDED") this.faults.push(`job ${jobId} ended as ${last}`);
      this.counts.jobs++;
      const old = this.#finished;
      this.#finished = jobId;
      if (old !== undefined) await this.#delete(old);
    }
    this.#running = undefined;
  }

  async #delete(jobId: string): Promise<void> {
    const client = this.#server.connect("tinct.v1.TrainingJobService");
    await ask((answer) => client.deleteTrainingJob({ jobId }, answer));
  }

  async #colorize(): Promise<void> {
    const client = this.#server.connect("tinct.v1.ColorizationService");
    const photo = await readFile(join(this.#server.folder, "photos", datasetName, "0.png"));
    for (; !this.#signal.aborted; await this.#pause(50)) {
      const jobId = this.#finished;
      if (jobId === undefined) continue;
      try {
        await ask((answer) =>
          client.colorize({ image: photo, model: { checkpoint: { jobId } } }, answer)
        );
        this.counts.photos++;
      } catch (error) {
        const { code, details } = error as ServiceError;
        const isReplaced = code === codes.NOT_FOUND && this.#finished !== jobId;
        if (excused.has(code) || isReplaced) this.counts.excusedPhotos++;
        else this.faults.push(`a photo: ${codes[code]}: ${details}`);
      }
    }
  }

  async #watch(): Promise<void> {
    for (; !this.#signal.aborted; await this.#pause(100)) {
      const jobId = this.#running;
      if (jobId === undefined) continue;
      await using line = await CutLine.open(this.#server.address);
      const client = this.#server.connect("tinct.v1.ColorizationService", {
        address: line.address,
      });
      const call = client.streamMetrics({ jobId });
      let sequence = 0;
      call.on("data", (event: { sequence: number }) => {
        if (event.sequence !== ++sequence) this.faults.push(`event ${event.sequence} out of order`);
        this.counts.events++;
      });
      let isGone = false;
      call.on("error", ({ code, details }: ServiceError) => {
        if (!isGone) this.faults.push(`a watcher: ${codes[code]}: ${details}`);
      });
      await this.#pause(500 + 3000 * Math.random());
      isGone = true;
      if (Math.random() < 0.5) call.cancel();
      else line.cut();
      client.close();
      this.counts.watchers++;
    }
  }

  async #kill(): Promise<void> {
    while (!this.#signal.aborted) {
      await this.#pause(6000 + 8000 * Math.random());
      const program = Math.random() < 0.5 ? "train" : "colorize";
      if (this.#signal.aborted || (program === "train" && this.#killsLeft === 0)) continue;
      const workers = await sampleProcesses(this.#server.pid);
      const found = workers.find((each) => each.program === program);
      if (found === undefined) continue;
      if (program === "train") this.#killsLeft--;
      process.kill(found.pid, "SIGKILL");
      this.counts.kills++;
    }
  }

  async #pause(ms: number): Promise<void> {
    await passed(ms, undefined, { signal: this.#signal }).catch(() => {});
  }
}
