import type { JsonFields } from "../../files/json_fields.ts";
import type { JsonObject } from "../../files/strict_json.ts";
import type { TrainingConfig } from "../../config/training.ts";
import { type DiscriminatorScale, discriminatorScale } from "./discriminator_scale.ts";
import { phaseOf } from "../step_plan.ts";
import { restoreParts, type RunPart, saveParts } from "../../runs/run_part.ts";
import { type Finding, shown, type WatchedCheck } from "./finding.ts";
import { SpikeWatch } from "./spike_watch.ts";
import { StreakWatch } from "./streak_watch.ts";

/** What of a run's configuration decides what is found. */
export type HealthConfig = Pick<
  TrainingConfig,
  | "ganMode"
  | "pretrainSteps"
  | "criticSteps"
  | "labelReal"
  | "labelFake"
  | "onDiscriminatorWinning"
  | "winningShare"
  | "winningSteps"
  | "onGrayCollapse"
  | "grayRatio"
  | "grayValidations"
  | "onLossSpike"
  | "spikeFactor"
  | "spikeWindow"
>;

/** The losses that are watched, of those of a step; not every step has all. */
export type WatchedLosses = Readonly<
  Partial<Record<"loss_D" | "loss_G_GAN" | "loss_G_L1", number>>
>;

/**
 * Looks at a run's losses and validations, and says what is unhealthy. It knows neither files nor
 * clocks: the same numbers give the same findings.
 */
export class HealthWatch implements RunPart {
  readonly #config: HealthConfig;
  readonly #scale: DiscriminatorScale | undefined;
  readonly #winning: StreakWatch | undefined;
  readonly #gray: StreakWatch | undefined;
  readonly #spikes: ReadonlyMap<keyof WatchedLosses, SpikeWatch>;

  constructor(config: HealthConfig) {
    this.#config = config;
    const scale = this.#scale = discriminatorScale(config);
    if (scale !== undefined && config.onDiscriminatorWinning !== "off") {
      this.#winning = new StreakWatch({ floor: this.#floor(scale), length: config.winningSteps });
    }
    if (config.onGrayCollapse !== "off") {
      this.#gray = new StreakWatch({ floor: config.grayRatio, length: config.grayValidations });
    }
    this.#spikes = new Map(
      config.onLossSpike === "off" ? [] : watchedFor(scale).map(([name, leastScale]) => {
        const { spikeFactor: factor, spikeWindow: window } = config;
        return [name, new SpikeWatch({ factor, window, leastScale })];
      }),
    );
  }

  /** @param losses finite. @returns what this step shows; mostly nothing. */
  step(step: number, losses: WatchedLosses): Finding<WatchedCheck>[] {
    const findings: Finding<WatchedCheck>[] = [];
    const { loss_D } = losses;
    // A critic that learns alone is to win.
    const isMatch = loss_D !== undefined && phaseOf(step, this.#config) === "gan";
    const streak = isMatch ? this.#winning?.add(step, loss_D) : undefined;
    if (loss_D !== undefined && streak !== undefined && this.#scale !== undefined) {
      const floor = this.#floor(this.#scale);
      const { guessing } = this.#scale;
      findings.push({
        check: "discriminator_winning",
        since: streak.since,
        what: `loss_D stayed under ${shown(floor)} for ${this.#config.winningSteps} steps, ` +
          `${shown(streak.mean)} on average (guessing gives ${shown(guessing)}): the ` +
          "discriminator tells all pictures apart and teaches the generator nothing more",
        numbers: { loss_D, mean: streak.mean, floor, since: streak.since },
      });
    }
    for (const [name, watch] of this.#spikes) {
      const value = losses[name];
      const spike = value === undefined ? undefined : watch.add(step, value);
      if (spike === undefined) continue;
      findings.push({
        check: "loss_spike",
        since: step,
        what: `${name} is ${shown(spike.value)}, above ${shown(spike.limit)}; the median of the ` +
          `${this.#config.spikeWindow} steps before is ${shown(spike.median)}`,
        numbers: { loss: name, ...spike },
      });
    }
    return findings;
  }

  /**
   * @param ratio colourfulness of the colorized photos divided by that of the real ones; NaN where
   *   those have none.
   */
  validation(step: number, ratio: number): Finding<WatchedCheck>[] {
    if (Number.isNaN(ratio)) return [];
    const streak = this.#gray?.add(step, ratio);
    if (streak === undefined) return [];
    const { grayRatio, grayValidations } = this.#config;
    const times = grayValidations === 1 ? "" : ` at ${grayValidations} validations in a row`;
    return [{
      check: "gray_collapse",
      since: streak.since,
      what: `colorized photos have ${shown(ratio)} of the real ones' colourfulness, under ` +
        `${shown(grayRatio)}${times}: the generator paints gray`,
      numbers: { ratio, floor: grayRatio, since: streak.since },
    }];
  }

  save(): JsonObject {
    return saveParts(this.#parts);
  }

  restore(saved: JsonFields): void {
    restoreParts(this.#parts, saved);
  }

  get #parts(): Record<string, RunPart> {
    return {
      ...(this.#winning && { winning: this.#winning }),
      ...(this.#gray && { gray: this.#gray }),
      ...Object.fromEntries(this.#spikes),
    };
  }

  #floor({ best, guessing }: DiscriminatorScale): number {
    return best + this.#config.winningShare * (guessing - best);
  }
}

/**
 * The losses that can spike, each with its least scale. The adversarial ones are measured against
 * guessing: below it they may jump as they like. Where there is no such scale they are no measure of
 * anything, and L1 is watched alone.
 */
function watchedFor(scale: DiscriminatorScale | undefined): [keyof WatchedLosses, number][] {
  if (scale === undefined) return [["loss_G_L1", 0]];
  const { guessing } = scale;
  return [["loss_D", guessing], ["loss_G_GAN", guessing], ["loss_G_L1", 0]];
}
