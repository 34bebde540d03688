import type { OnnxType, OnnxValueInfo } from "./onnx_graph.ts";
import type { ExportedNetwork } from "./onnx_export.ts";

/** Names of types in Triton's configuration. */
const types: Readonly<Record<OnnxType, string>> = {
  float32: "TYPE_FP32",
  uint8: "TYPE_UINT8",
  int64: "TYPE_INT64",
};

/** The most pictures that Triton computes at once; requests of the same size are put together. */
const MOST_AT_ONCE = 8;

/**
 * `config.pbtxt` of a model that Triton computes by ONNX Runtime. It has no name: so that of its folder
 * counts, which may be renamed.
 */
export function tritonConfig(
  { inputs, outputs }: Pick<ExportedNetwork, "inputs" | "outputs">,
): string {
  return [
    'backend: "onnxruntime"',
    `max_batch_size: ${MOST_AT_ONCE}`,
    ...inputs.map((each) => tensor("input", each)),
    ...outputs.map((each) => tensor("output", each)),
    "dynamic_batching { }",
    "",
  ].join("\n");
}

/** A tensor, whose first size, that of the batch, Triton adds itself. */
function tensor(side: "input" | "output", { name, type, shape }: OnnxValueInfo): string {
  const sizes = shape.slice(1).map((size) => typeof size === "number" ? size : -1);
  return [
    `${side} {`,
    `  name: "${name}"`,
    `  data_type: ${types[type]}`,
    `  dims: [ ${sizes.join(", ")} ]`,
    "}",
  ].join("\n");
}
