import type { OpenedGenerator } from "../inference/open_generator.ts";
import type { ExportedFile } from "./exported_file.ts";
import { FoldedWeights } from "./folded_weights.ts";
import { addGenerator, hintsInput } from "./generator_graph.ts";
import { OnnxGraph, type OnnxValueInfo } from "./onnx_graph.ts";
import { onnxFile, type OnnxNotes } from "./onnx_file.ts";
import { addWhole } from "./whole_graph.ts";

/** A network in ONNX form, and what it takes and gives. */
export interface ExportedNetwork {
  readonly file: ExportedFile;
  readonly inputs: readonly OnnxValueInfo[];
  readonly outputs: readonly OnnxValueInfo[];
}

/**
 * A generator as an ONNX network, its batch norms folded: from L to ab, or from pictures to pictures.
 *
 * @param options `isWhole`: from pictures to pictures in colour, both uint8 [N, height, width, 3] of
 *   any size. `path`: of the file in the export.
 * @returns the network, whose file reads the generator's; that must stay open until then.
 * @throws {TinctError} failed_precondition where it is too large for the format.
 */
export function exportOnnx(
  { config, file, prefix }: OpenedGenerator,
  { isWhole, path, notes }: {
    readonly isWhole: boolean;
    readonly path: string;
    readonly notes: OnnxNotes;
  },
): ExportedNetwork {
  const graph = new OnnxGraph();
  const { size, batchNormEpsilon: epsilon } = config;
  const plan = { graph, config, weights: new FoldedWeights({ file, prefix, epsilon }) };
  if (isWhole) addWhole(graph, size, (L) => addGenerator(plan, { L, hints: "" }));
  else {
    const L = graph.input({ name: "L", type: "float32", shape: ["N", 1, size, size] });
    const wanted = hintsInput(config);
    const hints = wanted ? graph.input(wanted) : "";
    addGenerator(plan, { L, hints }, "ab");
    graph.outputs.push({ name: "ab", type: "float32", shape: ["N", 2, size, size] });
  }
  const { inputs, outputs } = graph;
  return { file: onnxFile(path, graph, notes), inputs, outputs };
}
