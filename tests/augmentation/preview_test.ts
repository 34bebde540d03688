import assert from "assert";
import tf from "@tensorflow/tfjs";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { augment } from "../../src/augmentation/augment.ts";
import { plainAugmentation, previewAugmentation } from "../../src/augmentation/preview.ts";
import { renderScene } from "../../src/scenes/scenes.ts";
import { engineTest } from "../engine/test_engine.ts";
import { isGray, labOf } from "../training/pictures.ts";

const size = 32;
const photo = renderScene(3, { size });

engineTest("a preview of nothing is the photo, and its lightness", async (engine) => {
  const [only, ...others] = await previewAugmentation(engine, photo, plainAugmentation, {
    size,
    count: 1,
    seed: 0,
  });
  assert.deepEqual(others, []);
  assert.deepEqual([...only!.target], [...photo]);
  assert.ok(isGray(only!.seen));
  const [gray, colours] = [labOf(only!.seen), labOf(photo)];
  // Half a level of a byte is at most 0.3 units of L.
  for (const [i, [L]] of gray.entries()) assert.ok(Math.abs(L - colours[i]![0]) < 0.3);
});

engineTest("a preview shows what the compiled step trains on", async (engine) => {
  const config = parseTrainingConfig({
    crop: 0.5,
    rotate: 10,
    saturationJitter: 0.2,
    blur: 1,
    grain: 5,
    cutout: 0.5,
  });
  const count = 3;
  const previews = await previewAugmentation(engine, photo, config, {
    size,
    count,
    seed: 8,
    step: 5,
  });
  using compiled = new CompiledFunction(engine, (pixels, seed) => {
    const { L } = augment(pixels!, seed!, config);
    return [L];
  }, { name: "augment" });
  const bytes = new Uint8Array(count * photo.length);
  for (let i = 0; i < count; i++) bytes.set(photo, i * photo.length);
  const inputs = [engine.uint8Tensor(bytes, [count, size, size, 3]), tf.tensor1d([8, 5], "int32")];
  const [L] = await compiled.call(...inputs);
  const trained = [...L!.dataSync()].map((value) => (value + 1) * 50);
  tf.dispose([...inputs, L!]);
  const seen = previews.flatMap((each) => labOf(each.seen).map(([L]) => L));
  assert.equal(seen.length, trained.length);
  for (const [i, value] of seen.entries()) {
    assert.ok(Math.abs(value - trained[i]!) < 0.3, `pixel ${i}`);
  }
  assert.equal(new Set(previews.map(({ target }) => target.join())).size, count);
});

engineTest("L stays while the target changes, and the other way round", async (engine) => {
  const show = (options: object) =>
    previewAugmentation(engine, photo, { ...plainAugmentation, ...options }, {
      size,
      count: 1,
      seed: 1,
    });
  const [[plain], [saturated], [grainy]] = await Promise.all([
    show({}),
    show({ saturationJitter: 0.5 }),
    show({ grain: 20 }),
  ]);
  assert.deepEqual(saturated!.seen, plain!.seen);
  assert.notDeepEqual(saturated!.target, plain!.target);
  assert.deepEqual(grainy!.target, plain!.target);
  assert.notDeepEqual(grainy!.seen, plain!.seen);
});
