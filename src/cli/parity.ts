import { isWithin, type ParityResult, replayParity } from "../training/parity.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { engineOptions, startEngine } from "../installation/engine_options.ts";

export const command = defineCommand({
  description: [
    "Replays short training runs of a PyTorch reference, from the same weights on the same batches.",
    "Prints the largest difference of each quantity beside its tolerance. A fixture is a folder with",
    "expected.json and its safetensors files; bench/pytorch/make_parity.py makes one for any",
    "configuration. Exit code 1: a difference exceeds its tolerance.",
  ].join("\n"),
  options: { ...engineOptions, ...jsonOption },
  operands: { name: "DIR", help: "a fixture's folder", min: 1, max: 1000 },
  async run({ options, operands }, context) {
    using engine = await startEngine(context, options, "float32");
    const fixtures: Fixture[] = [];
    for (const folder of operands) {
      const results = (await replayParity(engine, folder))
        .map((result) => ({ ...result, within: isWithin(result) }));
      fixtures.push({ folder, results });
      if (!options.json) console.log(describe({ folder, results }));
    }
    const failures = fixtures.flatMap(({ results }) =>
      results.filter(({ within }) => !within)
    ).length;
    const ok = failures === 0;
    const verdict = ok
      ? "Everything is within its tolerance."
      : `${failures} past their tolerance.`;
    if (options.json) printJson({ ok, fixtures });
    else console.log(verdict);
    return ok ? 0 : 1;
  },
});

/** A fixture and how far each of its quantities is off. */
interface Fixture {
  readonly folder: string;
  readonly results: readonly (ParityResult & { readonly within: boolean })[];
}

function describe({ folder, results }: Fixture): string {
  const lines = results.map(({ quantity, difference, tolerance, measure, within }) =>
    `  ${within ? "ok  " : "FAIL"} ${quantity.padEnd(64)} ` +
    `${difference.toExponential(2).padStart(9)} of ${tolerance.toExponential(0)} ${measure}`
  );
  return [folder, ...lines].join("\n");
}
