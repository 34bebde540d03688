import { integer } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import type { DeleteWeightsResponse__Output } from "../protocol/generated/tinct/v1/delete_weights_response.ts";
import type { GetWeightsResponse__Output } from "../protocol/generated/tinct/v1/get_weights_response.ts";
import type { ListWeightsResponse__Output } from "../protocol/generated/tinct/v1/list_weights_response.ts";
import type { Weights__Output } from "../protocol/generated/tinct/v1/weights.ts";
import { givenOptions } from "../protocol/training_options.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { momentOf } from "../client/moments.ts";
import { entriesOf } from "../client/pages.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { uploadWeights } from "../client/upload_weights.ts";
import { readAction } from "../terminal/actions.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { confirmed, yesOption } from "../terminal/confirm.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { showUpload } from "../terminal/show_upload.ts";
import { detailText, textTable } from "../terminal/text_table.ts";

const actions = {
  list: { help: "list the files of weights by name", options: ["json", "limit"] },
  show: { operand: "NAME", help: "show what is known of a file of weights", options: ["json"] },
  upload: {
    operand: "FILE",
    help: "upload a .safetensors, .pth or .pt file, or the rest of it, under --name",
    options: ["name", "json"],
  },
  delete: {
    operand: "NAME",
    help: "delete a file of weights, after asking",
    options: ["yes", "json"],
  },
} as const;

export const command = defineCommand({
  description: [
    "A job can begin with the weights of a ResNet that torchvision or timm trained or with a generator of",
    "pix2pix, fastai or DDColor, and see with a VGG16: `submit --encoder-weights NAME`,",
    "`--generator-weights NAME`, `--perceptual-weights NAME`. After an interruption the same upload goes",
    "on where it was.",
  ].join("\n"),
  options: {
    ...serverOptions,
    name: text("NAME", "what the uploaded weights are to be called"),
    limit: integer(0, [0, 1e9], "most entries to list; 0: all", "entries"),
    ...jsonOption,
    ...yesOption,
  },
  actions,
  async run({ options, operands }, { environment, signal }) {
    const { action, operand } = readAction(actions, operands);
    using client = new ServiceClient(options, environment);
    switch (action) {
      case "list": {
        const weights = await entriesOf(
          options.limit,
          (page) =>
            client.ask<ListWeightsResponse__Output>((answer) =>
              client.weights.listWeights(page, answer)
            ),
          (page) => page.weights,
        );
        if (options.json) printJson(client.json("ListWeightsResponse", { weights }));
        else if (weights.length > 0) console.log(textTable(weights.map(rowOf)));
        else console.error("The server has no weights; `weights upload` brings some.");
        return 0;
      }
      case "show": {
        const found = await get(client, operand);
        if (options.json) printJson(client.json("GetWeightsResponse", found));
        else console.log(describe(found));
        return 0;
      }
      case "upload":
        return await upload(client, operand, options, signal);
      case "delete": {
        if (!options.yes) {
          const size = await get(client, operand).then(
            ({ weights }) => ` (${formatBytes(weights?.sizeBytes ?? 0)})`,
            (error) => {
              if (error instanceof TinctError && error.code === "data_loss") return ""; // as advised
              throw error;
            },
          );
          if (!(await confirmed(`Delete the weights ${operand}${size}`, signal))) return 1;
        }
        const gone = await client.ask<DeleteWeightsResponse__Output>((answer) =>
          client.weights.deleteWeights({ name: operand }, answer)
        );
        if (options.json) printJson(client.json("DeleteWeightsResponse", gone));
        else console.error(`Deleted the weights ${operand}.`);
        return 0;
      }
    }
  },
});

async function upload(
  client: ServiceClient,
  path: string,
  { name, json }: { readonly name: string | undefined; readonly json: boolean },
  signal: AbortSignal,
): Promise<number> {
  if (name === undefined) {
    throw new TinctError(
      "invalid_argument",
      "--name is missing: what the weights are to be called.",
    );
  }
  try {
    const answer = await showUpload((onProgress) =>
      uploadWeights(client, { name, path, signal, onProgress })
    );
    if (json) printJson(client.json("UploadWeightsResponse", answer));
    else if (answer.weights) console.log(rowOf(answer.weights).join("  "));
    return 0;
  } catch (error) {
    if (signal.aborted) console.error("What has arrived stays; the same command goes on.");
    throw error;
  }
}

function get(client: ServiceClient, name: string): Promise<GetWeightsResponse__Output> {
  return client.ask((answer) => client.weights.getWeights({ name }, answer));
}

function rowOf(
  { name, state, network, width, sizeBytes, generator }: Weights__Output,
): string[] {
  const { generator: kind = "" } = givenOptions(generator);
  const known = `${(wordOf("WEIGHTS_NETWORK_", network) ?? "").toLowerCase()} ${kind}`.trimEnd();
  return [
    name,
    wordOf("WEIGHTS_STATE_", state) ?? "",
    width === 0 || width === 64 ? known : `${known}, ${width} wide`,
    formatBytes(sizeBytes),
  ];
}

function describe({ weights }: GetWeightsResponse__Output): string {
  if (weights === null) return "";
  const [name = "", state = "", network = "", size = ""] = rowOf(weights);
  const rows: [string, string][] = [["name", name], ["state", state], ["size", size]];
  if (weights.createTime !== null) {
    rows.push(["network", network], ["sees", weights.seesColor ? "colours" : "lightness alone"]);
    rows.push(["SHA-256", weights.sha256.toString("hex")]);
    rows.push(["uploaded", `${momentOf(weights.createTime)} UTC`]);
  }
  return detailText(rows);
}
