import { integer } from "../config/option.ts";
import type { JobState } from "../protocol/generated/tinct/v1/job_state.ts";
import type { ListTrainingJobsResponse__Output } from "../protocol/generated/tinct/v1/list_training_jobs_response.ts";
import { texts, words } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jobLine } from "../client/job_lines.ts";
import { readLabels } from "../client/labels.ts";
import { entriesOf } from "../client/pages.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";

const states = [
  "queued",
  "running",
  "pausing",
  "paused",
  "cancelling",
  "cancelled",
  "succeeded",
  "failed",
] as const;

export const command = defineCommand({
  description: "Lists the newest first.",
  options: {
    ...serverOptions,
    state: words(states, "list only jobs in this state; may be given several times"),
    label: texts("KEY=VALUE", "list only jobs with this label; may be given several times"),
    limit: integer(0, [0, 1e6], "most jobs to list; 0: all", "jobs"),
    ...jsonOption,
  },
  async run({ options }, { environment }) {
    const filter = {
      states: options.state.map((word) => `JOB_STATE_${word.toUpperCase()}` as JobState),
      labels: readLabels(options.label),
    };
    using client = new ServiceClient(options, environment);
    const jobs = await entriesOf(
      options.limit,
      (page) =>
        client.ask<ListTrainingJobsResponse__Output>((answer) =>
          client.jobs.listTrainingJobs({ ...filter, ...page }, answer)
        ),
      (page) => page.jobs,
    );
    if (options.json) return printJson(client.json("ListTrainingJobsResponse", { jobs }));
    for (const job of jobs) console.log(jobLine(job));
    if (jobs.length > 0) return;
    const isFiltered = options.state.length + options.label.length > 0;
    console.error(
      isFiltered ? "No job matches." : "The server has no jobs. `submit` creates one.",
    );
  },
});
