import type { requestCallback } from "@grpc/grpc-js";
import type { TrainingJob__Output } from "../protocol/generated/tinct/v1/training_job.ts";
import { type Command, defineCommand } from "../terminal/command.ts";
import { jobLine } from "../client/job_lines.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";

/** An answer that has the job in it. */
interface JobAnswer {
  readonly job: TrainingJob__Output | null;
}

/**
 * A command that moves a job from one state to another, and prints the job.
 *
 * @param answerType such as "PauseTrainingJobResponse".
 * @param call begins the call.
 */
export function steeringCommand(
  answerType: string,
  call: (client: ServiceClient, jobId: string, answer: requestCallback<JobAnswer>) => unknown,
): Command {
  return defineCommand({
    options: { ...serverOptions, ...jsonOption },
    operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
    async run({ options, operands: [jobId = ""] }, { environment }) {
      using client = new ServiceClient(options, environment);
      const response = await client.ask<JobAnswer>((answer) => call(client, jobId, answer));
      if (options.json) printJson(client.json(answerType, response));
      else if (response.job) console.log(jobLine(response.job));
    },
  });
}
