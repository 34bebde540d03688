import { defineCommand } from "./command.ts";
import { jobLine } from "./job_lines.ts";
import { serverOptions, ServiceClient } from "./service_client.ts";

export const command = defineCommand({
  options: serverOptions,
  async run({ options }, { environment }) {
    using client = new ServiceClient(options, environment);
    let pageToken = "";
    let count = 0;
    do {
      const page = await client.ask<{
        jobs: Parameters<typeof jobLine>[0][];
        nextPageToken: string;
      }>((answer) => client.jobs.listTrainingJobs({ pageSize: 200, pageToken }, answer));
      for (const job of page.jobs) console.log(jobLine(job));
      count += page.jobs.length;
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    if (count === 0) console.error("The server has no jobs; `submit` makes one.");
  },
});
