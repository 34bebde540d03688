import { join } from "node:path";
import type { CallScope } from "../calls/call_scope.ts";
import { PictureRoom } from "../calls/door/memory_budget.ts";
import type { Violations } from "../calls/fields.ts";
import { TinctError } from "../errors.ts";
import type { ExportFormat } from "../exporting/export_format.ts";
import { exportMisfit, exportModel } from "../exporting/export_model.ts";
import { type ExportableModel, openExportable } from "../exporting/exportable_model.ts";
import { importedRefusal } from "../exporting/imported_refusal.ts";
import type { ModelFacts } from "../exporting/model_card.ts";
import { importedMessage } from "../importing/import_details.ts";
import type { ModelVersion } from "../jobs/model.ts";
import { wordOf } from "../protocol/enum_words.ts";
import type { ExportFormat as FormatName } from "../protocol/generated/tinct/v1/export_format.ts";
import type { ExportModelRequest__Output } from "../protocol/generated/tinct/v1/export_model_request.ts";
import type { ExportModelResponse } from "../protocol/generated/tinct/v1/export_model_response.ts";
import type { Validation__Output } from "../protocol/generated/tinct/v1/validation.ts";
import { measureWords } from "../protocol/measure_words.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { version as programVersion } from "../version.ts";
import type { ServerContext } from "./context.ts";

/** Notes what an export's fields say against each other. */
export function exportViolations(
  { format, whole }: ExportModelRequest__Output,
  violations: Violations,
): void {
  const misfit = exportMisfit({ format: formatOf(format), isWhole: whole });
  violations.check(misfit === undefined, "whole", misfit ?? "");
}

/** Writes a model in a form that other programs take, at the client's pace, a tensor in memory at a time. */
export async function* exportPromoted(
  context: ServerContext,
  request: ExportModelRequest__Output,
  { signal, memory, fields }: CallScope,
): AsyncGenerator<ExportModelResponse, void, undefined> {
  const { store, dataFolder } = context;
  const { name, version, format, whole, licence } = request;
  const model = await store.models.get(name, version === 0 ? undefined : version);
  const imported = importedMessage(model.details);
  if (imported) throw importedRefusal(`The model ${name}`, imported.fileName ?? "");
  fields["jobId"] = model.jobId;
  await using opened = await openExportable(join(dataFolder, model.path), { signal });
  using room = new PictureRoom(memory);
  room.take(opened.largestBytes);
  const facts = await factsOf(context, model, { ...opened, licence });
  const wish = { format: formatOf(format), isWhole: whole, programVersion };
  const files = exportModel(opened, facts, wish);
  let told: ExportModelResponse = {
    files: files.map(({ path, sizeBytes }) => ({ path, sizeBytes })),
    version: model.version,
  };
  for (const { pieces } of files) {
    for await (const bytes of pieces(signal)) {
      for (const { data } of piecesOf(bytes)) {
        signal.throwIfAborted();
        yield { ...told, data };
        told = { files: [], version: 0 };
      }
    }
  }
}

function formatOf(format: ExportModelRequest__Output["format"]): ExportFormat {
  const word = wordOf<"EXPORT_FORMAT_", keyof typeof FormatName>("EXPORT_FORMAT_", format);
  return (word?.toLowerCase() ?? "onnx") as ExportFormat;
}

async function factsOf(
  { store }: ServerContext,
  { name, version, jobId, step, details }: ModelVersion,
  { options, weights, licence }: Pick<ExportableModel, "options" | "weights"> & {
    readonly licence: string;
  },
): Promise<ModelFacts> {
  const { description, validation } = details;
  return {
    name: `${name}, version ${version}`,
    description: typeof description === "string" ? description : "",
    trainedOn: await trainedOn(store, jobId),
    step,
    weights,
    options,
    measures: measureWords((validation ?? null) as Validation__Output | null),
    licence,
  };
}

/** What a job was trained on, also where it is gone. */
async function trainedOn(store: ServerContext["store"], jobId: string): Promise<string> {
  try {
    const { dataset } = await store.jobs.get(jobId);
    return `Trained on the dataset ${dataset}, by ${jobId}`;
  } catch (error) {
    if (!(error instanceof TinctError) || error.code !== "not_found") throw error;
    return `Trained by ${jobId}, which is deleted by now: its dataset is not known any more`;
  }
}
