import { createHash } from "node:crypto";
import type { UploadWeightsResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_weights_response.ts";
import { send } from "../../src/protocol/send.ts";
import { type Ending, ending, type Scene } from "./scene.ts";

/** What of a file is sent, and what is said of it; all of it and the truth when left out. */
interface Sending {
  readonly from?: number;
  readonly to?: number;
  readonly sizeBytes?: number;
  readonly sha256?: Buffer;
}

/** Uploads weights in one call, in pieces of 64 KiB. */
export function sendWeights(
  scene: Pick<Scene, "weights">,
  name: string,
  file: Buffer,
  { from = 0, to = file.length, sizeBytes = file.length, sha256 }: Sending = {},
): Promise<Ending<UploadWeightsResponse__Output>> {
  return ending((back) => {
    const call = scene.weights.uploadWeights(back);
    const sending = async () => {
      const digest = sha256 ?? createHash("sha256").update(file).digest();
      await send(call, { start: { name, sizeBytes, sha256: digest, offset: from } });
      for (let at = from; at < to; at += 65_536) {
        await send(call, { data: file.subarray(at, Math.min(to, at + 65_536)) });
      }
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}
