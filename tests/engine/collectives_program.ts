/** Averages and shares some numbers with the other replicas: RANK ADDRESSES [alone]. */
import process from "node:process";
import tf from "@tensorflow/tfjs";
import { Collectives } from "../../src/engine/collectives.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import { Engine } from "../../src/engine/engine.ts";
import { messageOf } from "../../src/errors.ts";
import { liveObjects } from "../../src/tensorflow/native_object.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { call, makeVariable } from "./test_engine.ts";

const [rankText = "", list = "", mode] = process.argv.slice(2);
const rank = Number(rankText);
const addresses = list.split(",");
const say = (value: unknown) => console.log(JSON.stringify(value));

const engine = await Engine.start({ libraryPath: libraryPath(), cluster: { addresses, rank } });
{
  using collectives = new Collectives(engine, {
    rank,
    size: addresses.length,
    hint: "ring",
    bucketLength: 5,
  });
  // Buckets of 4 + 1, 6 and 1 numbers; the second one is larger than a bucket may be.
  using average = new CompiledFunction(engine, (x) => {
    const first = tf.mul(x!, 2);
    const second = tf.sum(x!);
    const third = tf.tile(x!, [1, 3]).slice([0, 0], [1, 6]);
    const fourth = tf.mean(x!);
    return collectives.average([fourth, third, first, second]);
  }, { name: "average" });
  const x = tf.tensor2d([[rank, 1 / (rank + 1), 3, -rank]]);
  for (let repeat = 0; repeat < 3; repeat++) say(await call(average, x));
  x.dispose();

  const values = rank === 0 ? [-0, 1e-45, -Infinity, 1 / 3, 5, 6, 7] : [1, 2, 3, 4, 5, 6, 7];
  using variable = makeVariable(engine, values);
  using share = new CompiledFunction(engine, () => {
    collectives.share([variable]);
    return [];
  }, { name: "share" });
  await share.call();
  const shared = variable.read();
  say([...new Uint32Array((await engine.read(shared)).buffer)]);
  shared.dispose();

  if (mode === "alone") {
    if (rank > 0) await new Promise(() => setInterval(() => {}, 60_000)); // until it is killed
    const alone = tf.zeros([1, 4]);
    const waiting = call(average, alone);
    engine.context.abortCollectives("told to");
    say(await waiting.catch(messageOf));
    alone.dispose();
  }
}
say({ tensors: tf.memory().numTensors, ids: engine.binding.getNumOfTensors() });
engine[Symbol.dispose]();
say(liveObjects());
process.exit(0);
