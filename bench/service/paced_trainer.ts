import { spawn } from "node:child_process";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import { datasetName } from "./bench_server.ts";
import { type BenchServer } from "./bench_server.ts";
import { type EventListener, submit, watchToEnd } from "./training_job.ts";

/** How far training was at a time. */
interface Mark {
  readonly step: number;
  /** By the trainer's clock, milliseconds since 1970. */
  readonly timeMs: number;
}

/** A training in a process that stands still except in its turns; it is killed when disposed of. */
export class PacedTrainer implements Disposable {
  readonly #kill: () => void;
  readonly #pid: () => number;
  readonly #marks: Mark[] = [];
  #wake = () => {};

  private constructor(pid: () => number, kill: () => void) {
    this.#pid = pid;
    this.#kill = kill;
  }

  /** The core alone, on the server's photos. */
  static startCore(server: BenchServer, config: Record<string, number>): PacedTrainer {
    const program = fileURLToPath(new URL("core_training.ts", import.meta.url));
    const folders = [`${server.folder}/photos/${datasetName}`, `${server.folder}/core`];
    const args = ["run", "-A", program, ...folders, JSON.stringify(config)];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
    const trainer = new PacedTrainer(() => child.pid ?? 0, () => child.kill("SIGKILL"));
    createInterface({ input: child.stdout }).on("line", (line) => {
      const [, step, time] = line.split(" ").map(Number);
      trainer.#note({ step: step ?? NaN, timeMs: time ?? NaN });
    });
    return trainer;
  }

  /** A job of the server's, watched by so many. @param onEvent is told of all that each one gets. */
  static async startServed(
    server: BenchServer,
    config: TrainingConfig,
    { watchers, onEvent }: { readonly watchers: number; readonly onEvent: EventListener },
  ): Promise<PacedTrainer> {
    const jobId = await submit(server, config);
    let pid = 0;
    const trainer = new PacedTrainer(() => pid, () => process.kill(pid, "SIGCONT"));
    for (let index = 0; index < watchers; index++) {
      // It ends with the server, which ends with the measuring.
      void watchToEnd(server, jobId, (event, arrivedMs) => {
        onEvent(event, arrivedMs);
        if (index > 0 || event.losses === null || event.losses === undefined) return;
        const { seconds = 0, nanos = 0 } = event.time ?? {};
        trainer.#note({ step: event.losses.step, timeMs: 1000 * Number(seconds) + nanos / 1e6 });
      }).catch(() => {});
    }
    await trainer.#until(() => trainer.#marks.length > 0);
    pid = await server.workerPid("train");
    return trainer;
  }

  /** Waits until it has taken a few steps, and has it stand still. */
  async settle(): Promise<void> {
    await this.#until(() => this.#marks.length > 3);
    process.kill(this.#pid(), "SIGSTOP");
  }

  /**
   * Has it train for a while. What was under way when it was stopped before does not count.
   *
   * @returns steps a second.
   */
  async turn(durationMs: number): Promise<number> {
    const before = this.#marks.length;
    process.kill(this.#pid(), "SIGCONT");
    // The first mark ends the step that was interrupted.
    await this.#until(() => this.#marks.length > before);
    const first = this.#marks[before] as Mark;
    await this.#until(() => (this.#marks.at(-1)?.timeMs ?? 0) - first.timeMs >= durationMs);
    process.kill(this.#pid(), "SIGSTOP");
    const last = this.#marks.at(-1) as Mark;
    return 1000 * (last.step - first.step) / (last.timeMs - first.timeMs);
  }

  [Symbol.dispose](): void {
    this.#kill();
  }

  #note(mark: Mark): void {
    this.#marks.push(mark);
    this.#wake();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}
