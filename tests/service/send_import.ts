import { createHash } from "node:crypto";
import type { ImportFile } from "../../src/protocol/generated/tinct/v1/import_file.ts";
import type { ImportModelResponse__Output } from "../../src/protocol/generated/tinct/v1/import_model_response.ts";
import { send } from "../../src/protocol/send.ts";
import { type Ending, ending, type Scene } from "./scene.ts";

/** A network that is sent, and what is said of it; the truth where left out. */
interface Import {
  readonly files: readonly { readonly name: string; readonly bytes: Buffer }[];
  readonly profile?: string;
  readonly description?: string;
  readonly announced?: readonly ImportFile[];
}

/** Imports a model in one call, in pieces of 64 KiB. */
export function sendImport(
  scene: Pick<Scene, "models">,
  name: string,
  { files, profile = "", description = "", announced }: Import,
): Promise<Ending<ImportModelResponse__Output>> {
  return ending((back) => {
    const call = scene.models.importModel(back);
    const sending = async () => {
      await send(call, {
        start: { name, profile, description, files: [...announced ?? files.map(announce)] },
      });
      const bytes = Buffer.concat(files.map((file) => file.bytes));
      for (let at = 0; at < bytes.length; at += 65_536) {
        await send(call, { data: bytes.subarray(at, at + 65_536) });
      }
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}

/** What a call says of a file before it comes. */
export function announce({ name, bytes }: { readonly name: string; readonly bytes: Buffer }) {
  const sha256 = createHash("sha256").update(bytes).digest();
  return { name, sizeBytes: bytes.length, sha256 };
}
