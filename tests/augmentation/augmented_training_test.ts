import assert from "assert";
import { readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import { engineTest } from "../engine/test_engine.ts";
import { abortAt, SmallTraining } from "../training/small_training.ts";

const given = {
  maxSteps: 7,
  flip: true,
  crop: 0.5,
  rotate: 8,
  saturationJitter: 0.3,
  whiteBalanceJitter: 8,
  blur: 1.5,
  grain: 6,
  cutout: 0.4,
  spectralFilm: 0.5,
};

engineTest(
  "an augmented run that was stopped and resumed is, to the bit, one that was not",
  async (engine) => {
    await using training = await SmallTraining.create();
    const whole = await training.train(engine, "whole", { given });
    const stop = abortAt((event) => event.kind === "step" && event.step === 4);
    const first = await training.train(engine, "parts", { given, ...stop });
    assert.equal(first.outcome.step, 4);
    const rest = await training.train(engine, "parts", { resume: true });
    assert.deepEqual([...first.losses, ...rest.losses], whole.losses);
    const [expected, actual] = await Promise.all(
      [whole, rest].map(({ outcome }) => readCheckpointInfo(outcome.checkpoint)),
    );
    assert.deepEqual(actual!.files, expected!.files); // with checksums

    const plain = await training.train(engine, "plain", { given: { maxSteps: 7 } });
    assert.notDeepEqual(plain.losses, whole.losses);
  },
);
