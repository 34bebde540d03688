import { integer } from "../config/option.ts";
import type { Dataset__Output } from "../protocol/generated/tinct/v1/dataset.ts";
import type { DatasetReport__Output } from "../protocol/generated/tinct/v1/dataset_report.ts";
import type { DeleteDatasetResponse__Output } from "../protocol/generated/tinct/v1/delete_dataset_response.ts";
import type { GetDatasetResponse__Output } from "../protocol/generated/tinct/v1/get_dataset_response.ts";
import type { ListDatasetFilesResponse__Output } from "../protocol/generated/tinct/v1/list_dataset_files_response.ts";
import type { ListDatasetsResponse__Output } from "../protocol/generated/tinct/v1/list_datasets_response.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { readAction } from "../terminal/actions.ts";
import { defineCommand } from "../terminal/command.ts";
import { confirmed, yesOption } from "../terminal/confirm.ts";
import { momentOf } from "../client/moments.ts";
import { entriesOf } from "../client/pages.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { counted, formatBytes, formatCount } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { detailText, textTable } from "../terminal/text_table.ts";

const actions = {
  list: { help: "list the datasets by name", options: ["json", "limit"] },
  show: {
    operand: "NAME",
    help: "show what a dataset contains, and problems with its photos",
    options: ["json"],
  },
  files: { operand: "NAME", help: "list the files of a dataset", options: ["json", "limit"] },
  delete: {
    operand: "NAME",
    help: "delete an uploaded dataset, after asking",
    options: ["yes", "json"],
  },
} as const;

export const command = defineCommand({
  options: {
    ...serverOptions,
    limit: integer(0, [0, 1e9], "most entries to list; 0: all", "entries"),
    ...jsonOption,
    ...yesOption,
  },
  actions,
  async run({ options, operands }, { environment, signal }) {
    const { action, operand: dataset } = readAction(actions, operands);
    using client = new ServiceClient(options, environment);
    switch (action) {
      case "list":
        return await list(client, options);
      case "files":
        return await files(client, dataset, options);
      case "show": {
        const found = await get(client, dataset);
        if (options.json) printJson(client.json("GetDatasetResponse", found));
        else console.log(describe(found));
        return 0;
      }
      case "delete": {
        if (!options.yes) {
          const found = (await get(client, dataset)).dataset;
          const what = `${counted(found?.photos ?? 0, "photo")}, ${
            formatBytes(found?.sizeBytes ?? 0)
          }`;
          if (!(await confirmed(`Delete the dataset ${dataset} (${what})`, signal))) return 1;
        }
        const gone = await client.ask<DeleteDatasetResponse__Output>((answer) =>
          client.datasets.deleteDataset({ dataset }, answer)
        );
        if (options.json) printJson(client.json("DeleteDatasetResponse", gone));
        else console.error(`Deleted the dataset ${dataset}.`);
        return 0;
      }
    }
  },
});

/** What is said of what is asked for. */
interface Wish {
  readonly json: boolean;
  readonly limit: number;
}

async function list(client: ServiceClient, { json, limit }: Wish): Promise<number> {
  const datasets = await entriesOf(
    limit,
    (page) =>
      client.ask<ListDatasetsResponse__Output>((answer) =>
        client.datasets.listDatasets(page, answer)
      ),
    (page) => page.datasets,
  );
  if (json) printJson(client.json("ListDatasetsResponse", { datasets }));
  else if (datasets.length > 0) console.log(textTable(datasets.map(rowOf)));
  else console.error("The server has no datasets; `upload` makes one.");
  return 0;
}

async function files(client: ServiceClient, dataset: string, wish: Wish): Promise<number> {
  const files = await entriesOf(
    wish.limit,
    (page) =>
      client.ask<ListDatasetFilesResponse__Output>((answer) =>
        client.datasets.listDatasetFiles({ dataset, ...page }, answer)
      ),
    (page) => page.files,
  );
  if (wish.json) printJson(client.json("ListDatasetFilesResponse", { files }));
  else if (files.length > 0) {
    console.log(textTable(files.map((file) => [file.fileName, formatBytes(file.sizeBytes)])));
  } else console.error(`The dataset ${dataset} has no files yet.`);
  return 0;
}

function get(client: ServiceClient, dataset: string): Promise<GetDatasetResponse__Output> {
  return client.ask((answer) => client.datasets.getDataset({ dataset }, answer));
}

function rowOf({ name, state, source, photos, sizeBytes, updateTime }: Dataset__Output): string[] {
  return [
    name,
    wordOf("DATASET_STATE_", state) ?? "",
    (wordOf("DATASET_SOURCE_", source) ?? "").toLowerCase(),
    counted(photos, "photo"),
    formatBytes(sizeBytes),
    momentOf(updateTime),
  ];
}

function describe({ dataset, report }: GetDatasetResponse__Output): string {
  const rows: [string, string][] = [];
  if (dataset) {
    const [name = "", state = "", source = "", photos = "", size = "", changed = ""] = rowOf(
      dataset,
    );
    rows.push(["name", name], ["state", state], ["source", source]);
    rows.push(["photos", `${photos}, ${size}`]);
    rows.push(["changed", changed === "" ? "" : `${changed} UTC`]);
  }
  return detailText([...rows, ...report?.scanTime ? reportRows(report) : []]);
}

function reportRows(report: DatasetReport__Output): [string, string][] {
  const { usablePhotos, grayPhotos, brokenPhotos, smallPhotos, smallSide } = report;
  const { duplicatePhotos, leakedPhotos, problems, minSide, maxSide, sides } = report;
  const rows: [string, string][] = [
    ["usable", formatCount(usablePhotos)],
    ["gray", `${formatCount(grayPhotos)}, left out of training`],
    ["broken", `${formatCount(brokenPhotos)}, left out of training`],
    ["sides", `${minSide} to ${maxSide} pixels`],
    ["small", `${formatCount(smallPhotos)} under ${smallSide} pixels`],
    ["near-duplicates", formatCount(duplicatePhotos)],
  ];
  if (leakedPhotos !== undefined) rows.push(["across the split", formatCount(leakedPhotos)]);
  if (sides.length > 0) {
    const each = sides.map(({ fromSide, photos }) => `from ${fromSide}: ${formatCount(photos)}`);
    rows.push(["shorter sides", each.join(", ")]);
  }
  const most = 10;
  for (const { fileName, message } of problems.slice(0, most)) {
    rows.push(["left out", `${fileName}: ${message}`]);
  }
  if (problems.length > most) {
    rows.push(["", `… and ${formatCount(problems.length - most)} more; --json names them`]);
  }
  return rows;
}
