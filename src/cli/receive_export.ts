import type { ServiceClient } from "../client/service_client.ts";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import type { ExportFormat } from "../exporting/export_format.ts";
import type { ExportedFile } from "../exporting/exported_file.ts";
import { exportedPaths } from "../exporting/export_model.ts";
import type { ExportModelResponse__Output } from "../protocol/generated/tinct/v1/export_model_response.ts";
import { receive } from "../protocol/receive.ts";

/** What a server is asked for. */
interface RemoteExport {
  readonly name: string;
  readonly version: number;
  readonly format: ExportFormat;
  readonly isWhole: boolean;
  readonly licence: string;
}

const formats = {
  onnx: "EXPORT_FORMAT_ONNX",
  safetensors: "EXPORT_FORMAT_SAFETENSORS",
  triton: "EXPORT_FORMAT_TRITON",
} as const satisfies Readonly<Record<ExportFormat, string>>;

/**
 * Has a server export a model.
 *
 * @param write takes the files in their order, as they arrive.
 * @throws {TinctError} what the server answered; data_loss where it sends too little; what `write`
 *   throws; the signal's reason.
 */
export async function receiveExport(
  client: ServiceClient,
  { name, version, format, isWhole, licence }: RemoteExport,
  write: (files: readonly ExportedFile[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const call = client.models.exportModel({
    ...{ name, version, licence },
    format: formats[format],
    whole: isWhole,
  });
  call.on("error", () => {}); // who reads on hears of it; nobody else has to
  using _abort = onAbort(signal, () => call.cancel());
  const messages = receive<ExportModelResponse__Output>(call)[Symbol.asyncIterator]();
  const next = async (): Promise<ExportModelResponse__Output | undefined> => {
    try {
      const { value, done } = await messages.next();
      return done ? undefined : value;
    } catch (error) {
      signal.throwIfAborted();
      throw await client.explain(error);
    }
  };
  try {
    let message = await next();
    const listed = message?.files ?? [];
    const odd = listed.find(({ path }) => !exportedPaths.includes(path));
    if (listed.length === 0 || odd !== undefined) {
      throw damaged(odd ? `names the file ${JSON.stringify(odd.path)}` : "names no files");
    }
    await write(listed.map(({ path, sizeBytes }) => ({
      path,
      sizeBytes,
      async *pieces() {
        for (let left = sizeBytes; left > 0; message = await next()) {
          if (message === undefined) throw damaged(`sent too little of ${path}`);
          left -= message.data.length;
          if (left < 0) throw damaged(`sent too much of ${path}`);
          if (message.data.length > 0) yield message.data;
        }
      },
    })));
  } finally {
    call.cancel(); // nothing is wanted beside what was named, nor where it could not be written
  }
}

function damaged(what: string): TinctError {
  return new TinctError("data_loss", `The server ${what}; try again.`);
}
