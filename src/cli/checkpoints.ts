import { integer } from "../config/option.ts";
import type { ListCheckpointsResponse__Output } from "../protocol/generated/tinct/v1/list_checkpoints_response.ts";
import { defineCommand } from "../terminal/command.ts";
import { measureWords } from "../protocol/measure_words.ts";
import { momentOf } from "../client/moments.ts";
import { entriesOf } from "../client/pages.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { formatBytes } from "../terminal/quantities.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { textTable } from "../terminal/text_table.ts";

export const command = defineCommand({
  description: "Lists the newest first. `promote JOB --step STEP` makes one of them a model.",
  options: {
    ...serverOptions,
    limit: integer(0, [0, 1e6], "most checkpoints to list; 0: all", "checkpoints"),
    ...jsonOption,
  },
  operands: { name: "JOB", min: 1, max: 1, help: "the job's id" },
  async run({ options, operands: [jobId = ""] }, { environment }) {
    using client = new ServiceClient(options, environment);
    const checkpoints = await entriesOf(
      options.limit,
      (page) =>
        client.ask<ListCheckpointsResponse__Output>((answer) =>
          client.jobs.listCheckpoints({ jobId, ...page }, answer)
        ),
      (page) => page.checkpoints,
    );
    if (options.json) return printJson(client.json("ListCheckpointsResponse", { checkpoints }));
    const rows = checkpoints.map(({ step, epoch, createTime, sizeBytes, best, validation }) => [
      `step ${step}`,
      `epoch ${epoch.toFixed(1)}`,
      momentOf(createTime),
      formatBytes(sizeBytes),
      best ? "best" : "",
      measureWords(validation).join(", "),
    ]);
    if (rows.length > 0) console.log(textTable(rows));
    else console.error("The job has no checkpoint yet.");
  },
});
