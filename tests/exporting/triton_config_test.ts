import assert from "assert";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { tritonConfig } from "../../src/exporting/triton_config.ts";
import type { OnnxValueInfo } from "../../src/exporting/onnx_graph.ts";
import { pythonFor } from "../kept_tools.ts";

const run = promisify(execFile);
const requirements = fileURLToPath(new URL("../service/triton_requirements.txt", import.meta.url));

/** Reads a configuration as Triton does: as text of its own message. */
const reader = `
import json, sys
from google.protobuf import json_format, text_format
from tritonclient.grpc import model_config_pb2
config = text_format.Parse(sys.argv[1], model_config_pb2.ModelConfig())
print(json.dumps(json_format.MessageToDict(config)))
`;

Deno.test("Triton's own message reads config.pbtxt, and finds the tensors in it", async (t) => {
  const python = await pythonFor(t, "tritonclient", [requirements]);
  if (python === undefined) return;
  const picture = (name: string): OnnxValueInfo => ({
    ...{ name, type: "uint8" },
    shape: ["N", "height", "width", 3],
  });
  const planes = (name: string, channels: number): OnnxValueInfo => ({
    ...{ name, type: "float32" },
    shape: ["N", channels, 256, 256],
  });
  const read = async (inputs: readonly OnnxValueInfo[], outputs: readonly OnnxValueInfo[]) =>
    JSON.parse((await run(python, ["-c", reader, tritonConfig({ inputs, outputs })])).stdout);
  assert.deepEqual(await read([planes("L", 1), planes("hints", 3)], [planes("ab", 2)]), {
    backend: "onnxruntime",
    maxBatchSize: 8,
    input: [
      { name: "L", dataType: "TYPE_FP32", dims: ["1", "256", "256"] },
      { name: "hints", dataType: "TYPE_FP32", dims: ["3", "256", "256"] },
    ],
    output: [{ name: "ab", dataType: "TYPE_FP32", dims: ["2", "256", "256"] }],
    dynamicBatching: {},
  });
  assert.deepEqual(await read([picture("image")], [picture("colorized")]), {
    backend: "onnxruntime",
    maxBatchSize: 8,
    input: [{ name: "image", dataType: "TYPE_UINT8", dims: ["-1", "-1", "3"] }],
    output: [{ name: "colorized", dataType: "TYPE_UINT8", dims: ["-1", "-1", "3"] }],
    dynamicBatching: {},
  });
});
