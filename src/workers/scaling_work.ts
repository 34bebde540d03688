import { scaleSheet } from "../images/scale_sheet.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { ScaleSheet__Output } from "../protocol/generated/tinct/worker/v1/scale_sheet.ts";
import { piecesOf } from "../protocol/pieces.ts";
import type { Work } from "./server_link.ts";

/** Scales the sheets that the server names, one after the other, until it says stop. */
export function workOnScaling({ send, onCommand, faultOf }: Work): Promise<Finished> {
  const stopped = Promise.withResolvers<Finished>();
  let last = Promise.resolve();
  const scale = async ({ sheetId, path, factor, maxBytes }: ScaleSheet__Output) => {
    try {
      const { file, width, height } = await scaleSheet(path, { factor, maxBytes });
      for (const piece of piecesOf(file)) {
        send({ scaled: { sheetId, width, height, ...piece } });
      }
    } catch (error) {
      console.error(error);
      send({ scaled: { sheetId, last: true, fault: faultOf(error) } });
    }
  };
  onCommand(({ kind, value }) => {
    if (kind === "scale") last = last.then(() => scale(value));
    else if (kind === "stop") stopped.resolve({ outcome: "OUTCOME_STOPPED" });
  });
  return stopped.promise;
}
