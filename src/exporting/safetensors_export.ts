import { layOutFile } from "../checkpoints/safetensors_header.ts";
import { readFloats } from "../checkpoints/tensor_values.ts";
import { generatorNotes } from "../inference/generator_notes.ts";
import type { OpenedGenerator } from "../inference/open_generator.ts";
import { generatorParameters } from "../model/generator_layers.ts";
import { pytorchShape } from "../model/parameters.ts";
import type { ExportedFile } from "./exported_file.ts";
import { bytesOf } from "./onnx_types.ts";

/**
 * A generator's tensors in float32, under the names of the common PyTorch implementation, of fastai or
 * of DDColor, and in their layouts. Batch norms stay tensors of their own: those programs' networks have them.
 *
 * @param notes the file's own notes.
 * @returns the file, which reads the generator's; that must stay open until then.
 */
export function exportSafetensors(
  { config, file, prefix }: OpenedGenerator,
  { path, notes }: { readonly path: string; readonly notes: Readonly<Record<string, string>> },
): ExportedFile {
  const tensors = generatorParameters({ ...config, dropout: 0 }).map((spec) => ({
    name: spec.name,
    dtype: "F32" as const,
    shape: pytorchShape(spec),
  }));
  const { header, placed } = layOutFile(tensors, {
    format: "pt",
    ...generatorNotes(config),
    ...notes,
  });
  return {
    path,
    sizeBytes: placed.reduce((sum, each) => sum + each.sizeBytes, header.length),
    async *pieces(signal) {
      yield header;
      for (const { tensor } of placed) {
        yield bytesOf(await readFloats(file, prefix + tensor.name, signal));
      }
    },
  };
}
