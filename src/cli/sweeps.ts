import type { DeleteSweepResponse__Output } from "../protocol/generated/tinct/v1/delete_sweep_response.ts";
import { integer } from "../config/option.ts";
import type { CancelSweepResponse__Output } from "../protocol/generated/tinct/v1/cancel_sweep_response.ts";
import type { GetSweepResponse__Output } from "../protocol/generated/tinct/v1/get_sweep_response.ts";
import type { ListSweepsResponse__Output } from "../protocol/generated/tinct/v1/list_sweeps_response.ts";
import type { Sweep__Output } from "../protocol/generated/tinct/v1/sweep.ts";
import { wordOf } from "../protocol/enum_words.ts";
import { readAction } from "../terminal/actions.ts";
import { defineCommand } from "../terminal/command.ts";
import { confirmed, yesOption } from "../terminal/confirm.ts";
import { momentOf } from "../client/moments.ts";
import { entriesOf } from "../client/pages.ts";
import { jsonOption, printJson } from "../terminal/print_json.ts";
import { serverOptions } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { sweepProgress, sweepTable } from "../client/sweep_table.ts";
import { textTable } from "../terminal/text_table.ts";

const actions = {
  list: { help: "list the sweeps, newest first", options: ["json", "limit"] },
  show: { operand: "SWEEP", help: "show a sweep's progress and all its trials", options: ["json"] },
  cancel: { operand: "SWEEP", help: "end a sweep and cancel its jobs", options: ["json"] },
  delete: {
    operand: "SWEEP",
    help: "delete a finished sweep, after asking; its jobs stay",
    options: ["yes", "json"],
  },
} as const;

export const command = defineCommand({
  description: "`sweep FILE` starts a sweep and follows it.",
  options: {
    ...serverOptions,
    limit: integer(0, [0, 1e6], "most sweeps to list; 0: all", "sweeps"),
    ...jsonOption,
    ...yesOption,
  },
  actions,
  async run({ options, operands }, { environment, signal }) {
    const { action, operand: sweepId } = readAction(actions, operands);
    const { json, limit } = options;
    using client = new ServiceClient(options, environment);
    switch (action) {
      case "list": {
        const sweeps = await entriesOf(
          limit,
          (page) =>
            client.ask<ListSweepsResponse__Output>((answer) =>
              client.sweeps.listSweeps(page, answer)
            ),
          (page) => page.sweeps,
        );
        if (json) printJson(client.json("ListSweepsResponse", { sweeps }));
        else if (sweeps.length > 0) console.log(textTable(sweeps.map(rowOf)));
        else console.error("The server has no sweeps; `sweep FILE --server ADDR` makes one.");
        return 0;
      }
      case "show": {
        const found = await client.ask<GetSweepResponse__Output>((answer) =>
          client.sweeps.getSweep({ sweepId }, answer)
        );
        if (json) printJson(client.json("GetSweepResponse", found));
        else if (found.sweep) {
          console.log(textTable([rowOf(found.sweep)]));
          console.log(sweepProgress(found.sweep));
          console.log(sweepTable(found.sweep));
        }
        return 0;
      }
      case "cancel": {
        const cancelled = await client.ask<CancelSweepResponse__Output>((answer) =>
          client.sweeps.cancelSweep({ sweepId }, answer)
        );
        if (json) printJson(client.json("CancelSweepResponse", cancelled));
        else if (cancelled.sweep) console.log(textTable([rowOf(cancelled.sweep)]));
        return 0;
      }
      case "delete": {
        const question = `Forget ${sweepId}; its jobs stay`;
        if (!options.yes && !(await confirmed(question, signal))) return 1;
        const gone = await client.ask<DeleteSweepResponse__Output>((answer) =>
          client.sweeps.deleteSweep({ sweepId }, answer)
        );
        if (options.json) printJson(client.json("DeleteSweepResponse", gone));
        else console.error(`Deleted ${sweepId}.`);
        return 0;
      }
    }
  },
});

function rowOf(
  { sweepId, state, createTime, spec, displayName, message }: Sweep__Output,
): string[] {
  return [
    sweepId,
    (wordOf("SWEEP_STATE_", state) ?? "").padEnd(9),
    momentOf(createTime),
    spec?.dataset ?? "",
    (spec?.parameters ?? []).map(({ option }) => option).join(", "),
    displayName === "" ? "" : JSON.stringify(displayName),
    message,
  ];
}
