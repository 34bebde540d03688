import { number } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { compareOutputs } from "../onnx/compare_outputs.ts";
import { readNpy } from "../onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../onnx/onnx_network.ts";
import { texts } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted } from "../words.ts";

export const command = defineCommand({
  description: [
    "Computes a network in ONNX form and prints the largest difference from what another program",
    "computed, such as ONNX Runtime. Inputs and expected outputs are .npy files, in the order of the",
    "network's own. Without --expected it says what the network takes and gives, and whether Tinct can",
    "compute it. Exit code 1: a difference exceeds --tolerance.",
  ].join("\n"),
  options: {
    input: texts("FILE", "a .npy file with an input; given once for each, in the network's order"),
    expected: texts(
      "FILE",
      "a .npy file with what an output should be; given once for each, in order",
    ),
    tolerance: number(
      1e-4,
      [0, 1],
      "largest difference, in parts of the range of the expected output",
    ),
    ...engineOptions,
    ...jsonOption,
  },
  switches: [{ by: "expected", with: ["input", "tolerance"] }],
  operands: { name: "FILE", help: "the network, an .onnx file", min: 1, max: 1 },
  async run({ options, operands: [path = ""] }, context) {
    requireDevice(context, options);
    const model = await openOnnx(path);
    const { input, expected, tolerance } = options;
    const isCompared = expected.length > 0;
    if (isCompared) {
      requireCount("--input", input.length, model.inputs.size, "input", path);
      if (expected.length > model.outputs.length) {
        requireCount("--expected", expected.length, model.outputs.length, "output", path);
      }
    }
    const given = await Promise.all(input.map(readNpy));
    const wanted = await Promise.all(expected.map(readNpy));
    using engine = await startEngine(context, options, "float32");
    const outputs = isCompared ? model.outputs.slice(0, wanted.length) : model.outputs;
    using network = await OnnxNetwork.load(engine, model, { outputs, signal: context.signal });
    const facts = {
      file: path,
      opset: model.opset,
      inputs: [...model.inputs].map(([name, shape]) => ({ name, shape })),
      nodes: network.nodes.length,
      constants: network.constantCount,
    };
    if (!isCompared) {
      if (options.json) printJson({ ...facts, outputs: outputs.map((name) => ({ name })) });
      else console.log(describe(facts, outputs));
      return 0;
    }
    const results = (await compareOutputs(network, given, wanted))
      .map((each) => ({ ...each, within: each.relative <= tolerance }));
    const ok = results.every(({ within }) => within);
    if (options.json) printJson({ ok, ...facts, tolerance, outputs: results });
    else {
      for (const { name, within, difference, range, relative } of results) {
        console.log(
          `  ${within ? "ok  " : "FAIL"} ${name}  largest difference ${
            difference.toExponential(2)
          } ` +
            `in a range of ${range.toPrecision(3)}: ${relative.toExponential(2)} of ` +
            `${tolerance.toExponential(0)}`,
        );
      }
      console.log(ok ? "Everything is within its tolerance." : "Past the tolerance.");
    }
    return ok ? 0 : 1;
  },
});

function requireCount(
  flag: string,
  count: number,
  needed: number,
  what: string,
  path: string,
): void {
  if (count === needed) return;
  throw new TinctError(
    "invalid_argument",
    `${path} has ${counted(needed, what)}, but ${flag} was given ${counted(count, "time")}.`,
  );
}

function describe(
  { file, opset, inputs, nodes, constants }: {
    readonly file: string;
    readonly opset: number;
    readonly inputs: readonly { readonly name: string; readonly shape: readonly number[] }[];
    readonly nodes: number;
    readonly constants: number;
  },
  outputs: readonly string[],
): string {
  const sizes = (shape: readonly number[]) =>
    shape.map((size) => size < 0 ? "any" : size).join(", ");
  return [
    `${file}: opset ${opset}, ${counted(nodes, "node")}, ${counted(constants, "constant number")}`,
    ...inputs.map(({ name, shape }) => `  takes ${name} [${sizes(shape)}]`),
    ...outputs.map((name) => `  gives ${name}`),
    "Tinct has every operation of it.",
  ].join("\n");
}
