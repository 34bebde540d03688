import { readOrigin } from "../local_training/start_origin.ts";
import { bringGenerator, isGeneratorFile, refuseMisfits } from "./bring_generator.ts";
import { boolean } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import type { TrainResponse__Output } from "../protocol/generated/tinct/v1/train_response.ts";
import { configMessage } from "../protocol/training_options.ts";
import { text, texts } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { readLabels } from "../client/labels.ts";
import { refusalCalledHere } from "../client/called_here.ts";
import { jsonOption, printJson, printJsonLine } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { recipeDefaults, trainingCheck } from "../terminal/training_check.ts";
import { requireAcceptable, tryRequest } from "../client/try_request.ts";
import { watchJob, watchOptions } from "../client/watch_job.ts";

export const command = defineCommand({
  description: [
    "Prints the job's id; `watch` shows its progress. --watch shows the progress at once, and the exit",
    "code says how the job ended: 0 succeeded, 1 failed or cancelled. --dry-run creates nothing: it",
    "reports every problem, and exits with 1 if there is one.",
  ].join("\n"),
  options: {
    ...serverOptions,
    dataset: text("NAME", "a folder of the server's photos, or an uploaded dataset"),
    name: text("TEXT", "a name for people", ""),
    label: texts("KEY=VALUE", "a label to find the job by; may be given several times"),
    requestId: text("ID", "an id of your own; a repeat with the same id returns the same job", ""),
    resumeFrom: text("JOB", "continue from the newest checkpoint of another job"),
    startFrom: text(
      "JOB|FILE",
      "start with the weights of another job's newest checkpoint, or of a generator in a .pth, .pt " +
        "or .safetensors file, which is uploaded",
    ),
    encoderWeights: text("NAME", "begin with an encoder of weights that the server has"),
    generatorWeights: text("NAME", "begin with a generator of weights that the server has"),
    perceptualWeights: text("NAME", "weights that the server has, of the perceptual loss's VGG16"),
    watch: boolean(false, "watch the job until it ends"),
    ...watchOptions,
    dryRun: boolean(false, "only check the options, name and labels, and the dataset if given"),
    measure: boolean(false, "with --dry-run: let the server measure the time and memory of a step"),
    ...jsonOption,
    ...trainingOptions,
  },
  switches: [
    { by: "watch", with: Object.keys(watchOptions) },
    { by: "dryRun", with: ["measure"] },
  ],
  defaults: recipeDefaults,
  check: (given) => [
    ...(given["dryRun"] === true && given["watch"] === true
      ? [{ field: "dryRun", description: "creates no job for --watch to watch" }]
      : []),
    ...trainingCheck(given),
  ],
  async run({ options, given }, { environment, signal }) {
    const { dataset, name, requestId, resumeFrom, startFrom, json } = options;
    if (dataset === undefined && resumeFrom === undefined && !options.dryRun) {
      throw new TinctError("invalid_argument", "--dataset is missing: the name of a dataset.");
    }
    if (resumeFrom !== undefined && startFrom !== undefined) {
      throw new TinctError("invalid_argument", "Give --resume-from or --start-from, not both.");
    }
    const file = startFrom !== undefined && isGeneratorFile(startFrom) ? startFrom : undefined;
    const { generatorWeights, encoderWeights } = options;
    if (file !== undefined && (generatorWeights ?? encoderWeights) !== undefined) {
      const other = generatorWeights !== undefined ? "generator" : "encoder";
      throw new TinctError(
        "invalid_argument",
        `Give --start-from ${file} or --${other}-weights, not both.`,
      );
    }
    const origin = await readOrigin({ startFrom: file, resume: false });
    const record: Readonly<Record<string, unknown>> = options;
    const chosen = Object.fromEntries(
      [...given].filter((each) => Object.hasOwn(trainingOptions, each))
        .map((each) => [each, record[each] as string | number | boolean] as const),
    );
    if (origin !== undefined) refuseMisfits(origin.network, chosen);
    const wish = {
      dataset: dataset ?? "",
      config: configMessage({ ...origin?.network, ...chosen }),
      generatorWeights: generatorWeights ?? "",
      encoderWeights: encoderWeights ?? "",
      perceptualWeights: options.perceptualWeights ?? "",
      ...(resumeFrom !== undefined && { resumeFrom: { jobId: resumeFrom } }),
      ...(startFrom !== undefined && file === undefined && { startFrom: { jobId: startFrom } }),
    };
    const marks = { displayName: name, labels: readLabels(options.label), requestId };
    using client = new ServiceClient(options, environment);
    if (options.dryRun) {
      if (file !== undefined) console.error(`${file} is not uploaded for a dry run.`);
      return await tryRequest(client, { ...wish, ...marks }, options);
    }
    if (file !== undefined) {
      const beforeSending = () => requireAcceptable(client, wish);
      wish.generatorWeights = await bringGenerator(client, file, { signal, beforeSending });
    }
    const response = await client.ask<TrainResponse__Output>((answer) =>
      client.colorization.train({ ...wish, ...marks }, answer)
    ).catch((error) => {
      throw refusalCalledHere(error);
    });
    const jobId = response.job?.jobId ?? "";
    if (!json) console.log(jobId);
    else (options.watch ? printJsonLine : printJson)(client.json("TrainResponse", response));
    if (!options.watch) return 0;
    try {
      return await watchJob(client, { ...options, jobId, from: 1, signal });
    } catch (error) {
      console.error(`The job goes on; \`watch ${jobId}\` shows how.`);
      throw error;
    }
  },
});
