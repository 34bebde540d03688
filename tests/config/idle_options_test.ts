import assert from "assert";
import { idleOptions } from "../../src/config/idle_options.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { fieldName } from "../../src/protocol/training_options.ts";

const idle = (given: Record<string, unknown>) =>
  idleOptions(given, parseTrainingConfig(given), fieldName);

Deno.test("an option that does nothing without another is told of, unless it is as by default", () => {
  assert.deepEqual(idle({ gpWeight: 5, lrGamma: 0.5, rollbackRate: 0.9, grayRatio: 0.1 }), [
    "gp_weight does nothing unless gan_mode is wgangp.",
    "lr_gamma does nothing unless lr_schedule is step or plateau.",
    "rollback_rate does nothing unless on_discriminator_winning or on_gray_collapse or " +
    "on_loss_spike or on_non_finite is rollback.",
  ]);
  assert.deepEqual(idle({ grayRatio: 0.1, onGrayCollapse: "off" }), [
    "gray_ratio does nothing unless on_gray_collapse is not off.",
  ]);
  assert.deepEqual(idle({ decoderNorm: "batch", freezeEncoderSteps: 9 }), [
    "decoder_norm does nothing unless generator is resnet18 or resnet34.",
    "freeze_encoder_steps does nothing unless generator is resnet18, resnet34 or ddcolor-tiny.",
  ]);
  assert.deepEqual(idle({ generator: "resnet18", nDown: 7, dropout: 0.1, encoderRate: 0.1 }), [
    "n_down does nothing unless generator is unet.",
    "dropout does nothing unless generator is unet.",
  ]);
  const useful = { ganMode: "wgangp", gpWeight: 5, lrSchedule: "step", lrGamma: 0.5 };
  assert.deepEqual(idle({ ...useful, onNonFinite: "rollback", rollbackRate: 0.9 }), []);
  // A configuration that is given again whole.
  assert.deepEqual(idle({ ...parseTrainingConfig({}) }), []);
});
