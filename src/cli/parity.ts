import { isWithin, replayParity } from "../training/parity.ts";
import { defineCommand } from "../terminal/command.ts";
import { engineOptions, startEngine } from "../installation/engine_options.ts";

export const command = defineCommand({
  description: [
    "Replays short training runs of a PyTorch reference, from the same weights on the same batches.",
    "Prints the largest difference of each quantity beside its tolerance. A fixture is a folder with",
    "expected.json and its safetensors files; bench/pytorch/make_parity.py makes one for any",
    "configuration. Exit code 1: a difference exceeds its tolerance.",
  ].join("\n"),
  options: engineOptions,
  operands: { name: "DIR", help: "a fixture's folder", min: 1, max: 1000 },
  async run({ options, operands }, context) {
    using engine = await startEngine(context, options, "float32");
    let failures = 0;
    for (const folder of operands) {
      console.log(folder);
      for (const result of await replayParity(engine, folder)) {
        const { quantity, difference, tolerance, measure } = result;
        const within = isWithin(result);
        if (!within) failures++;
        console.log(
          `  ${within ? "ok  " : "FAIL"} ${quantity.padEnd(64)} ` +
            `${difference.toExponential(2).padStart(9)} of ${
              tolerance.toExponential(0)
            } ${measure}`,
        );
      }
    }
    console.log(
      failures === 0 ? "Everything is within its tolerance." : `${failures} past their tolerance.`,
    );
    return failures === 0 ? 0 : 1;
  },
});
