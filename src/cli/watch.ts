import { integer } from "../config/option.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { watchJob, watchOptions } from "../client/watch_job.ts";

export const command = defineCommand({
  description: [
    "Shows losses and all other events as they come, until the job ends. If the connection is lost,",
    "it reconnects and continues where it was. Ctrl-C stops watching; the job continues. With --json,",
    "each event is one line. Exit code 1: the job failed or was cancelled.",
  ].join("\n"),
  options: {
    ...serverOptions,
    from: integer(1, [1, 1e9], "number of the first event to show"),
    ...watchOptions,
    ...jsonOption,
  },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { signal, environment }) {
    using client = new ServiceClient(options, environment);
    return await watchJob(client, { ...options, jobId, signal });
  },
});
