import { integer } from "../config/option.ts";
import { TinctError } from "../errors.ts";
import type { PromoteCheckpointResponse__Output } from "../protocol/generated/tinct/v1/promote_checkpoint_response.ts";
import { weightsMessage } from "../protocol/weights_choice.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { readWeights, weightsOption } from "./checkpoint_option.ts";

export const command = defineCommand({
  description:
    "Takes the job's newest checkpoint unless you give --step. Promoting again under the same name\n" +
    "makes its next version; versions never change.",
  options: {
    ...serverOptions,
    name: text("NAME", "the model's name"),
    step: integer(0, [0, 1e9], "the checkpoint's step; 0: the newest", "steps"),
    weights: weightsOption,
    description: text("TEXT", "a description for people", ""),
    ...jsonOption,
  },
  operands: { name: "JOB", min: 1, max: 1, help: "the job that trained it" },
  async run({ options, operands: [jobId = ""] }, { environment }) {
    const { name, step, weights, description } = options;
    if (name === undefined) {
      throw new TinctError("invalid_argument", "--name is missing: the model's name.");
    }
    using client = new ServiceClient(options, environment);
    const checkpoint = step === 0
      ? { jobId, choice: "CHECKPOINT_CHOICE_NEWEST" as const }
      : { jobId, step };
    const response = await client.ask<PromoteCheckpointResponse__Output>((answer) =>
      client.models.promoteCheckpoint({
        checkpoint,
        name,
        description,
        weights: weightsMessage(readWeights(weights)),
      }, answer)
    );
    const { model } = response;
    if (options.json) printJson(client.json("PromoteCheckpointResponse", response));
    else if (model) {
      console.log(`${model.name} version ${model.version}: job ${jobId}, step ${model.step}`);
    }
  },
});
