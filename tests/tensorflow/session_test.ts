import assert from "assert";
import { fileURLToPath } from "node:url";
import { DataType } from "../../src/tensorflow/data_type.ts";
import { Session } from "../../src/tensorflow/session.ts";
import { HostTensor } from "../../src/tensorflow/tensor.ts";
import { TinctError } from "../../src/errors.ts";
import { libraryTest } from "./test_context.ts";
import { testLibrary } from "./test_library.ts";

const folder = fileURLToPath(new URL("../testdata/inception/saved_model", import.meta.url));
const settings = { threads: 1, precision: "float32", gpu: false, gpuMemoryGrowth: true } as const;

libraryTest("a SavedModel says what it takes and gives, and computes it", async () => {
  const { symbols } = testLibrary();
  using session = await Session.load(symbols, folder, settings);
  const { inputs, outputs } = session.signatures.get("serving_default")!;
  assert.deepEqual([...inputs.keys()], ["pictures"]);
  assert.deepEqual(inputs.get("pictures")?.shape, [-1, 24, 24, 3]);
  assert.equal(inputs.get("pictures")?.dataType, DataType.FLOAT);
  assert.deepEqual(outputs.get("features")?.shape, [-1, 9]);
  const [input, output] = [inputs.get("pictures")!.name, outputs.get("features")!.name];
  using zeros = HostTensor.of(
    symbols,
    DataType.FLOAT,
    [3, 24, 24, 3],
    new Float32Array(3 * 24 * 24 * 3),
  );
  using result = await session.run(input, output, zeros);
  assert.deepEqual([result.dataType, result.shape], [DataType.FLOAT, [3, 9]]);
  await assert.rejects(session.run("none:0", output, zeros), /has no tensor none:0/);
});

libraryTest("a folder that is no SavedModel is refused, and nothing is left behind", async () => {
  const { symbols } = testLibrary();
  const nowhere = fileURLToPath(new URL("../testdata/photos", import.meta.url));
  await assert.rejects(Session.load(symbols, nowhere, settings), TinctError);
});
