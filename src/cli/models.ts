import { integer } from "../config/option.ts";
import type { DeleteModelResponse__Output } from "../protocol/generated/tinct/v1/delete_model_response.ts";
import type { GetModelResponse__Output } from "../protocol/generated/tinct/v1/get_model_response.ts";
import type { ListModelsResponse__Output } from "../protocol/generated/tinct/v1/list_models_response.ts";
import type { Model__Output } from "../protocol/generated/tinct/v1/model.ts";
import { weightsOf } from "../protocol/weights_choice.ts";
import { readAction } from "../terminal/actions.ts";
import { defineCommand } from "../terminal/command.ts";
import { changedOptions } from "../client/changed_options.ts";
import { confirmed, yesOption } from "../terminal/confirm.ts";
import { measureWords } from "../protocol/measure_words.ts";
import { momentOf } from "../client/moments.ts";
import { entriesOf } from "../client/pages.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted, formatBytes } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { importedWords } from "./import.ts";
import { ServiceClient } from "../client/service_client.ts";
import { detailText, textTable } from "../terminal/text_table.ts";

const actions = {
  list: { help: "list the newest version of each model", options: ["json", "limit"] },
  show: {
    operand: "NAME",
    help: "show how a model was trained, and its measures, or where it was imported from",
    options: ["json", "version"],
  },
  delete: {
    operand: "NAME",
    help: "delete a model and all its versions, after asking",
    options: ["yes", "json"],
  },
} as const;

export const command = defineCommand({
  options: {
    ...serverOptions,
    version: integer(0, [0, 2 ** 31 - 1], "version to show; 0: the newest"),
    limit: integer(0, [0, 1e9], "most models to list; 0: all", "models"),
    ...jsonOption,
    ...yesOption,
  },
  actions,
  async run({ options, operands }, { environment, signal }) {
    const { action, operand: name } = readAction(actions, operands);
    const { json, limit, version } = options;
    using client = new ServiceClient(options, environment);
    switch (action) {
      case "list": {
        const models = await entriesOf(
          limit,
          (page) =>
            client.ask<ListModelsResponse__Output>((answer) =>
              client.models.listModels(page, answer)
            ),
          (page) => page.models,
        );
        if (json) printJson(client.json("ListModelsResponse", { models }));
        else if (models.length > 0) console.log(textTable(models.map(rowOf)));
        else console.error("The server has no models; `promote` and `import` make one.");
        return 0;
      }
      case "show": {
        const found = await get(client, name, version);
        if (json) printJson(client.json("GetModelResponse", found));
        else if (found.model) console.log(await describe(client, found.model));
        return 0;
      }
      case "delete": {
        if (!options.yes) {
          const { model } = await get(client, name, 0);
          const what = `the model ${name} with all its versions (the newest is ${model?.version})`;
          if (!(await confirmed(`Delete ${what}`, signal))) return 1;
        }
        const gone = await client.ask<DeleteModelResponse__Output>((answer) =>
          client.models.deleteModel({ name }, answer)
        );
        if (json) printJson(client.json("DeleteModelResponse", gone));
        else console.error(`Deleted the model ${name} with ${counted(gone.versions, "version")}.`);
        return 0;
      }
    }
  },
});

function get(client: ServiceClient, name: string, version: number) {
  return client.ask<GetModelResponse__Output>((answer) =>
    client.models.getModel({ name, version }, answer)
  );
}

function rowOf(
  { name, version, jobId, step, createTime, sizeBytes, loaded, description, imported }:
    Model__Output,
): string[] {
  return [
    name,
    `version ${version}`,
    imported ? "imported" : jobId,
    imported ? importedWords(imported) : `step ${step}`,
    momentOf(createTime),
    formatBytes(sizeBytes),
    loaded ? "loaded" : "",
    description,
  ];
}

async function describe(client: ServiceClient, model: Model__Output): Promise<string> {
  const { name, version, description, jobId, step, createTime, sizeBytes, loaded, imported } =
    model;
  const origin: [string, string][] = imported
    ? [
      ["imported", `${momentOf(createTime)} UTC`],
      ["file", imported.fileName],
      ["SHA-256", imported.sha256.toString("hex")],
      ["opset", `${imported.opset}`],
      ["parameters", `${imported.parameters}`],
      ["network", importedWords(imported)],
      ["profile", imported.profile],
    ]
    : [
      ["trained by", `${jobId}, ${counted(step, "step")}`],
      ["weights", weightsOf(model.weights) === "ema" ? "moving average" : "as they are"],
      ["promoted", `${momentOf(createTime)} UTC`],
    ];
  const rows: [string, string][] = [
    ["name", name],
    ["version", `${version}`],
    ["description", description],
    ...origin,
    ["size", formatBytes(sizeBytes)],
    ["loaded", loaded ? "yes" : "no"],
  ];
  if (imported) return detailText(rows);
  const measures = measureWords(model.validation);
  rows.push(["validation", measures.join(", ")]);
  rows.push(["options", await changedOptions(client, model.config)]);
  return detailText(rows);
}
