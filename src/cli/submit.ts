import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { TrainResponse__Output } from "../protocol/generated/tinct/v1/train_response.ts";
import { configMessage } from "../protocol/training_options.ts";
import { text } from "./arguments.ts";
import { defineCommand } from "./command.ts";
import { serverOptions, ServiceClient } from "./service_client.ts";
import { trainingCheck } from "./training_check.ts";

export const command = defineCommand({
  description: "Prints the job's id; `watch` shows how it goes.",
  options: {
    ...serverOptions,
    dataset: text("NAME", "a folder of the server's photos, or an uploaded dataset"),
    name: text("TEXT", "for people", ""),
    requestId: text("ID", "a repeat with the same id gives the same job", ""),
    resumeFrom: text("JOB", "go on from the newest checkpoint of another job"),
    startFrom: text("JOB", "begin with the weights of another job's newest checkpoint"),
    ...trainingOptions,
  },
  check: trainingCheck,
  async run({ options, given }, { environment }) {
    const { dataset, name, requestId, resumeFrom, startFrom } = options;
    if (dataset === undefined && resumeFrom === undefined) {
      throw new TinctError("invalid_argument", "--dataset is missing: the name of a dataset.");
    }
    if (resumeFrom !== undefined && startFrom !== undefined) {
      throw new TinctError("invalid_argument", "Give --resume-from or --start-from, not both.");
    }
    const record: Readonly<Record<string, unknown>> = options;
    const chosen = [...given].filter((each) => Object.hasOwn(trainingOptions, each))
      .map((each) => [each, record[each] as string | number | boolean] as const);
    using client = new ServiceClient(options, environment);
    const { job } = await client.ask<TrainResponse__Output>((answer) =>
      client.colorization.train({
        dataset: dataset ?? "",
        config: configMessage(Object.fromEntries(chosen)),
        displayName: name,
        requestId,
        ...(resumeFrom !== undefined && { resumeFrom: { jobId: resumeFrom } }),
        ...(startFrom !== undefined && { startFrom: { jobId: startFrom } }),
      }, answer)
    );
    console.log(job?.jobId ?? "");
  },
});
