/** Forms that a model leaves in. */
export const exportFormats = ["onnx", "safetensors", "triton"] as const;

/** One of `exportFormats`. */
export type ExportFormat = typeof exportFormats[number];
