import { defineCommand } from "./command.ts";
import { jobLine } from "./job_lines.ts";
import { serverOptions, ServiceClient } from "./service_client.ts";

export const command = defineCommand({
  options: serverOptions,
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { environment }) {
    using client = new ServiceClient(options, environment);
    const { job } = await client.ask<{ job: Parameters<typeof jobLine>[0] | null }>(
      (answer) => client.jobs.cancelTrainingJob({ jobId }, answer),
    );
    if (job) console.log(jobLine(job));
  },
});
