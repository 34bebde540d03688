/** Takes steps with the other replicas: RANK ADDRESSES LR_D OPTIONS (as JSON). Prints the state after 1 and 4 of them. */
import { createHash } from "node:crypto";
import process from "node:process";
import { Collectives } from "../../src/engine/collectives.ts";
import { Engine } from "../../src/engine/engine.ts";
import { CompiledStep } from "../../src/training/compiled_step.ts";
import { Gan } from "../../src/training/gan.ts";
import { libraryPath } from "../tensorflow/test_library.ts";
import { noisePixels, replicatedConfigWith, stateValues } from "./replicated_fixture.ts";

const [rankText = "", list = "", lrD = "", options = "{}"] = process.argv.slice(2);
const rank = Number(rankText);
const addresses = list.split(",");
const say = (value: unknown) => console.log(JSON.stringify(value));

const cluster = { addresses, rank };
const engine = await Engine.start({ libraryPath: libraryPath(), cluster });
{
  using collectives = new Collectives(engine, {
    rank,
    size: addresses.length,
    hint: "ring",
    bucketLength: 5000,
  });
  const config = replicatedConfigWith({ lrD: Number(lrD), ...JSON.parse(options) });
  using gan = new Gan(engine, config);
  using step = new CompiledStep(gan, config, collectives);
  say(await step.run(noisePixels(rank, 1), 1, config));
  const values = await stateValues(gan);
  say(rank === 0 ? values.map((each) => [...each]) : null);
  say(hashOf(values));
  for (let at = 2; at <= 4; at++) say(await step.run(noisePixels(rank, at), at, config));
  say(hashOf(await stateValues(gan)));
}
engine[Symbol.dispose]();
process.exit(0);

function hashOf(values: readonly Float32Array[]): string {
  const hash = createHash("sha256");
  for (const { buffer } of values) hash.update(new Uint8Array(buffer));
  return hash.digest("hex");
}
