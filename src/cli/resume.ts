import { defineCommand } from "./command.ts";
import { jobLine } from "./job_lines.ts";
import { serverOption, ServiceClient } from "./service_client.ts";

export const command = defineCommand({
  options: { server: serverOption },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options: { server }, operands: [jobId = ""] }) {
    using client = new ServiceClient(server);
    const { job } = await client.ask<{ job: Parameters<typeof jobLine>[0] | null }>(
      (answer) => client.jobs.resumeTrainingJob({ jobId }, answer),
    );
    if (job) console.log(jobLine(job));
  },
});
