import { TinctError } from "../errors.ts";
import type { OpenedGenerator } from "../inference/open_generator.ts";
import { generatorParameters } from "../model/generator_layers.ts";
import { countParameters } from "../model/parameters.ts";
import type { ExportFormat } from "./export_format.ts";
import { type ExportedFile, textFile } from "./exported_file.ts";
import { modelCard, type ModelFacts } from "./model_card.ts";
import { exportOnnx } from "./onnx_export.ts";
import { exportSafetensors } from "./safetensors_export.ts";
import { tritonConfig } from "./triton_config.ts";

/** How a model is to leave. */
interface ExportWish {
  readonly format: ExportFormat;
  /** From pictures to pictures; else from L to ab. */
  readonly isWhole: boolean;
  /** The version of this program. */
  readonly programVersion: string;
}

/** The card's file; so Hugging Face and others show it. */
export const CARD = "README.md";

/** Every path that an export may have in its model's folder. */
export const exportedPaths: readonly string[] = [
  CARD,
  "model.onnx",
  "model.safetensors",
  "config.pbtxt",
  "1/model.onnx",
];

/** What is wrong with `isWhole` of a wish; undefined: nothing. */
export function exportMisfit(
  { format, isWhole }: Pick<ExportWish, "format" | "isWhole">,
): string | undefined {
  if (format !== "safetensors" || !isWhole) return undefined;
  return "does not go with safetensors, which holds weights and no network";
}

/**
 * The files of a model in a form that other programs take, a card of the model among them.
 *
 * @param opened must stay open until the files are written.
 * @throws {TinctError} failed_precondition where it is too large for the format; invalid_argument where
 *   the wish contradicts itself. Reading the files: data_loss, and failed_precondition for weights that
 *   are no numbers.
 */
export function exportModel(
  opened: OpenedGenerator,
  facts: ModelFacts,
  { format, isWhole, programVersion }: ExportWish,
): ExportedFile[] {
  const misfit = exportMisfit({ format, isWhole });
  if (misfit !== undefined) throw new TinctError("invalid_argument", `\`whole\` ${misfit}.`);
  const { config } = opened;
  const parameters = countParameters(generatorParameters({ ...config, dropout: 0 }));
  const card = textFile(
    CARD,
    modelCard(facts, config, { format, isWhole, programVersion, parameters }),
  );
  const notes = {
    model: facts.name,
    ...(facts.step !== undefined && { step: `${facts.step}` }),
    ...(facts.licence !== "" && { licence: facts.licence }),
  };
  if (format === "safetensors") {
    return [card, exportSafetensors(opened, { path: "model.safetensors", notes })];
  }
  const network = exportOnnx(opened, {
    isWhole,
    path: format === "triton" ? "1/model.onnx" : "model.onnx",
    notes: { name: facts.name, programVersion, metadata: notes },
  });
  if (format === "onnx") return [card, network.file];
  return [card, textFile("config.pbtxt", tritonConfig(network)), network.file];
}
