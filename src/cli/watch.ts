import { integer } from "../config/option.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { serverOptions, ServiceClient } from "../client/service_client.ts";
import { watchJob, watchOptions } from "../client/watch_job.ts";

export const command = defineCommand({
  description: [
    "Shows losses as they come, and everything else that happens, until the job is over. When the",
    "connection is lost it connects again and goes on where it was. Ctrl-C stops watching; the job",
    "goes on. With --json every event is a line. Exit code 1: the job failed or was cancelled.",
  ].join("\n"),
  options: {
    ...serverOptions,
    from: integer(1, [1, 1e9], "number of the first event"),
    ...watchOptions,
    ...jsonOption,
  },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { signal, environment }) {
    using client = new ServiceClient(options, environment);
    return await watchJob(client, { ...options, jobId, signal });
  },
});
