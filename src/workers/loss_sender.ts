import type { Losses } from "../protocol/generated/tinct/v1/losses.ts";
import { durationOf } from "../protocol/times.ts";
import type { TrainingEvent } from "../training/events.ts";
import { LossMeters } from "../training/meters.ts";
import type { LossName } from "../training/step.ts";
import { finiteFields } from "./finite_fields.ts";

type Step = Extract<TrainingEvent, { kind: "step" }>;

/** At least so long between two messages: milliseconds. Thirty a second are more than eyes can follow. */
const MIN_INTERVAL_MS = 33;

/** Where each loss goes; one that no step has had stays absent. */
const fieldOfLoss = {
  loss_D_fake: "lossDFake",
  loss_D_real: "lossDReal",
  loss_D: "lossD",
  loss_G_GAN: "lossGGan",
  loss_G_L1: "lossGL1",
  loss_G: "lossG",
  loss_D_GP: "lossDGp",
  loss_G_color: "lossGColor",
  loss_G_hint: "lossGHint",
  loss_G_perceptual: "lossGPerceptual",
} as const satisfies Record<LossName, keyof Losses>;

/**
 * Tells the server of losses: of every step where steps are slow, of their means where they are fast,
 * and always at the steps that are logged. None is held back for longer than between two messages,
 * whatever comes after the step.
 */
export class LossSender implements Disposable {
  readonly #send: (losses: Losses) => void;
  readonly #logEvery: number;
  readonly #now: () => number;
  readonly #meters = new LossMeters();
  #steps = 0;
  #last: Step | undefined;
  #sentMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param logEvery at every so many steps what has come together is sent, however soon.
   * @param now a clock in milliseconds.
   */
  constructor(send: (losses: Losses) => void, logEvery: number, now: () => number) {
    this.#send = send;
    this.#logEvery = logEvery;
    this.#now = now;
  }

  /** @param epoch passes over the photos done, with the part of the one under way. */
  add(step: Step, epoch: number): void {
    this.#meters.add(step.losses);
    this.#steps++;
    this.#last = { ...step, epoch };
    const isDue = step.step === step.totalSteps || step.step % this.#logEvery === 0;
    const leftMs = this.#sentMs + MIN_INTERVAL_MS - this.#now();
    if (isDue || leftMs <= 0) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), leftMs);
  }

  /** Sends what has come together. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#last === undefined) return;
    const { step, epoch, lrG, lrD, imagesPerSecond, secondsLeft } = this.#last;
    const means = this.#meters.means();
    this.#send(finiteFields({
      step,
      epoch,
      steps: this.#steps,
      ...Object.fromEntries(
        Object.entries(fieldOfLoss).flatMap(([name, field]) => {
          const mean = means[name as LossName];
          return mean === undefined ? [] : [[field, mean]];
        }),
      ),
      lrG,
      lrD,
      imagesPerSecond,
      ...(Number.isFinite(secondsLeft) && { timeLeft: durationOf(1000 * secondsLeft) }),
    }));
    this.#sentMs = this.#now();
    this.#meters.reset();
    this.#steps = 0;
    this.#last = undefined;
  }

  /** Sends the last of it. */
  [Symbol.dispose](): void {
    this.flush();
  }
}
