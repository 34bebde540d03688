import type { DeleteTrainingJobResponse__Output } from "../protocol/generated/tinct/v1/delete_training_job_response.ts";
import type { GetTrainingJobResponse__Output } from "../protocol/generated/tinct/v1/get_training_job_response.ts";
import { defineCommand } from "../terminal/command.ts";
import { confirmed, yesOption } from "../terminal/confirm.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { stateWord } from "../client/job_lines.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";

export const command = defineCommand({
  description: "Asks first. Models promoted from the job stay.",
  options: { ...serverOptions, ...yesOption, ...jsonOption },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { environment, signal }) {
    using client = new ServiceClient(options, environment);
    if (!options.yes) {
      const { job } = await client.ask<GetTrainingJobResponse__Output>((answer) =>
        client.jobs.getTrainingJob({ jobId }, answer)
      );
      const facts = job === null ? [] : [stateWord(job), job.dataset, job.displayName];
      const what = `${jobId} (${facts.filter((fact) => fact !== "").join(", ")})`;
      const question = `Delete ${what} with its events, pictures and checkpoints`;
      if (!(await confirmed(question, signal))) return 1;
    }
    const gone = await client.ask<DeleteTrainingJobResponse__Output>((answer) =>
      client.jobs.deleteTrainingJob({ jobId }, answer)
    );
    if (options.json) printJson(client.json("DeleteTrainingJobResponse", gone));
    else console.error(`Deleted ${jobId}.`);
    return 0;
  },
});
