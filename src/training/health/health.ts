import type { JsonFields } from "../../files/json_fields.ts";
import type { JsonObject } from "../../files/strict_json.ts";
import type { TrainingConfig } from "../../config/training.ts";
import type { Rates } from "../learning_rates.ts";
import type { RunPart } from "../../runs/run_part.ts";
import type { Finding, WatchedCheck } from "./finding.ts";
import { type HealthConfig, HealthWatch, type WatchedLosses } from "./health_watch.ts";

/** What is done about a finding. */
export type HealthAction = "warn" | "pause" | "rollback" | "fail";

/** What a run has been through. */
export interface Recovery {
  /** How often it was rolled back. */
  readonly rollbacks: number;
  /** What the learning rates are multiplied by since. */
  readonly rateFactor: number;
  /** The step of the checkpoint that it went back to last; 0 where it never was. */
  readonly wentBackTo: number;
}

/** Tells of a finding and of what is done about it. */
type HealthTeller = (
  step: number,
  finding: Finding,
  action: HealthAction,
) => Promise<void>;

/** Ends a session of training where it stands, for the run to go back. */
export class HealthHalt extends Error {
  readonly step: number;
  readonly finding: Finding;
  readonly action: "pause" | "rollback";
  /** What the run had been through before. */
  readonly recovery: Recovery;

  constructor(
    step: number,
    finding: Finding,
    action: "pause" | "rollback",
    recovery: Recovery,
  ) {
    super(finding.what);
    this.step = step;
    this.finding = finding;
    this.action = action;
    this.recovery = recovery;
  }
}

/** A run's health: what is watched, what is done about it, what was done before. */
export class Health implements RunPart {
  readonly #config: HealthConfig & Pick<TrainingConfig, "onNonFinite" | "maxRollbacks">;
  readonly #watch: HealthWatch;
  readonly #tell: HealthTeller;
  #recovery: Recovery = { rollbacks: 0, rateFactor: 1, wentBackTo: 0 };
  #pause: Finding | undefined;

  constructor(
    config: HealthConfig & Pick<TrainingConfig, "onNonFinite" | "maxRollbacks">,
    tell: HealthTeller,
  ) {
    this.#config = config;
    this.#watch = new HealthWatch(config);
    this.#tell = tell;
  }

  /** How often the run was rolled back, and what became of its rates. */
  get recovery(): Recovery {
    return this.#recovery;
  }

  /** Learning rates, as much lower as rollbacks have made them. */
  lowered({ lrG, lrD }: Rates): Rates {
    const { rateFactor } = this.#recovery;
    return { lrG: lrG * rateFactor, lrD: lrD * rateFactor };
  }

  /** For which the run is to be paused after what is due at this step. */
  get pause(): Finding | undefined {
    return this.#pause;
  }

  /** Goes on from a checkpoint with another fate than the one it was saved with. */
  recover(recovery: Recovery): void {
    this.#recovery = recovery;
  }

  /**
   * Looks at a step.
   *
   * @param losses finite.
   * @throws HealthHalt where the run is to be rolled back.
   */
  async step(step: number, losses: WatchedLosses): Promise<void> {
    const findings = this.#watch.step(step, losses);
    if (findings.length > 0) await this.#act(step, findings);
  }

  /**
   * Looks at a validation.
   *
   * @param ratio see `HealthWatch.validation`.
   * @throws HealthHalt where the run is to be rolled back.
   */
  async validation(step: number, ratio: number): Promise<void> {
    await this.#act(step, this.#watch.validation(step, ratio));
  }

  /**
   * Ends a session whose numbers are no longer finite.
   *
   * @param what is not, as a sentence without its full stop: "loss_G is NaN".
   * @param failure makes the error for a run that is to fail.
   * @throws HealthHalt where the run is to be paused or rolled back; what `failure` gives otherwise.
   */
  async nonFinite(
    what: string,
    step: number,
    failure: () => Promise<Error>,
  ): Promise<never> {
    const finding: Finding = { check: "non_finite", since: step, what, numbers: {} };
    const action = this.#config.onNonFinite;
    await this.#tell(step, finding, this.#doable(action));
    if (action === "fail") throw await failure();
    throw new HealthHalt(step, finding, action, this.#recovery);
  }

  save(): JsonObject {
    return { ...this.#recovery, watch: this.#watch.save() };
  }

  restore(saved: JsonFields): void {
    this.#recovery = {
      rollbacks: saved.integer("rollbacks"),
      rateFactor: saved.number("rateFactor"),
      // Checkpoints of before it was kept go without.
      wentBackTo: saved.has("wentBackTo") ? saved.integer("wentBackTo") : 0,
    };
    this.#watch.restore(saved.object("watch"));
  }

  async #act(step: number, findings: readonly Finding<WatchedCheck>[]): Promise<void> {
    for (const finding of findings) {
      const action = this.#policyOf(finding.check);
      await this.#tell(step, finding, this.#doable(action));
      if (action === "pause") this.#pause ??= finding;
      if (action === "rollback") throw new HealthHalt(step, finding, action, this.#recovery);
    }
  }

  /** What comes of an action: a rollback too many is the end. */
  #doable(action: HealthAction): HealthAction {
    const isOver = this.#recovery.rollbacks >= this.#config.maxRollbacks;
    return action === "rollback" && isOver ? "fail" : action;
  }

  #policyOf(check: WatchedCheck): "warn" | "pause" | "rollback" {
    const policy = {
      discriminator_winning: this.#config.onDiscriminatorWinning,
      gray_collapse: this.#config.onGrayCollapse,
      loss_spike: this.#config.onLossSpike,
    }[check];
    return policy === "off" ? "warn" : policy; // what is off is not found
  }
}
