import assert from "assert";
import { fileURLToPath } from "node:url";
import tf from "@tensorflow/tfjs";
import { readNpy } from "../../src/onnx/npy_file.ts";
import { OnnxNetwork, openOnnx } from "../../src/onnx/onnx_network.ts";
import { engineTest } from "../engine/test_engine.ts";

/** What testdata/onnx/make_operations.py wrote. */
const at = (name: string) =>
  fileURLToPath(new URL(`../testdata/onnx/operations${name}`, import.meta.url));

engineTest("every form of an operation gives what ONNX Runtime gives", async (engine, t) => {
  using network = await OnnxNetwork.load(engine, await openOnnx(at(".onnx")));
  using compiled = network.compile();
  const given = [await readNpy(at(".in0.npy")), await readNpy(at(".in1.npy"))];
  const tensors = given.map(({ values, shape }) => tf.tensor(values, [...shape]));
  const results = await compiled.call(...tensors);
  const expected = (await readNpy(at(".out.npy"))).values;
  assert.equal(results.reduce((sum, { size }) => sum + size, 0), expected.length);
  let start = 0;
  for (const [index, result] of results.entries()) {
    const values = await result.data();
    const wanted = expected.subarray(start, start += result.size);
    await t.step(network.outputs[index]!, () => {
      for (const [i, value] of values.entries()) {
        // float32, added up in another order, of numbers of this size.
        const allowed = 2e-5 + 2e-5 * Math.abs(wanted[i]!);
        assert.ok(
          Math.abs(value - wanted[i]!) <= allowed,
          `number ${i} is ${value}, not ${wanted[i]}`,
        );
      }
    });
  }
  tf.dispose([...tensors, ...results]);
});
