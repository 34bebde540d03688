import { mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { writeFileAtomically } from "../checkpoints/atomic_write.ts";
import type { Environment } from "../config.ts";
import { messageOf, TinctError } from "../errors.ts";
import type { ColorizeSettings } from "../protocol/generated/tinct/v1/colorize_settings.ts";
import type { ImageFormat__Output } from "../protocol/generated/tinct/v1/image_format.ts";
import { weightsMessage } from "../protocol/generator_weights.ts";
import { piecesOf } from "../protocol/pieces.ts";
import { receive } from "../protocol/receive.ts";
import { send } from "../protocol/send.ts";
import type { PhotoInput } from "./photo_inputs.ts";
import { type ServerOptions, ServiceClient } from "./service_client.ts";

/** How a server colorizes photos. */
export interface RemoteSettings {
  readonly server: ServerOptions;
  readonly environment: Environment;
  /** A promoted model's name, or a job's id. */
  readonly model: string;
  /** "auto": the moving average where there is one. */
  readonly weights: "auto" | "ema" | "raw";
  readonly outFolder: string;
  readonly settings: Omit<ColorizeSettings, "model">;
  /** Replace results that are there. */
  readonly overwrite: boolean;
  readonly signal: AbortSignal;
}

const extensions: Readonly<Record<string, string>> = {
  IMAGE_FORMAT_JPEG: ".jpg",
  IMAGE_FORMAT_PNG: ".png",
  IMAGE_FORMAT_WEBP: ".webp",
  IMAGE_FORMAT_TIFF: ".tiff",
  IMAGE_FORMAT_AVIF: ".avif",
};

/**
 * Colorizes photos on a server, over one call, and tells of each.
 *
 * @returns how many failed.
 * @throws {TinctError} where the call as a whole failed.
 */
export async function colorizeRemotely(
  photos: readonly PhotoInput[],
  { server, environment, model, weights, outFolder, settings, overwrite, signal }: RemoteSettings,
): Promise<number> {
  using client = new ServiceClient(server, environment);
  const call = client.colorization.colorizeStream();
  const source = {
    ...(model.startsWith("job-") ? { checkpoint: { jobId: model } } : { name: model }),
    weights: weightsMessage(weights === "auto" ? undefined : weights),
  };
  let failed = 0;
  const fail = (name: string, error: unknown) => {
    failed++;
    console.error(`${name}: ${messageOf(error)}`);
  };
  const sending = (async () => {
    let first: { settings: ColorizeSettings } | undefined = {
      settings: { ...settings, model: source },
    };
    for (const [index, { name, path }] of photos.entries()) {
      let file: Uint8Array;
      try {
        file = await readFile(path);
      } catch (error) {
        fail(name, error);
        continue;
      }
      for (const piece of piecesOf(file)) {
        await send(call, { photoId: `${index}`, ...piece, ...first }, { signal });
        first = undefined;
      }
    }
    call.end();
  })();
  sending.catch(() => {}); // what cuts the sending ends the receiving too, with the reason
  let format: ImageFormat__Output | undefined;
  let pieces: Buffer[] = [];
  try {
    for await (const { photoId, photo, data, last, fault } of receive(call, { signal })) {
      const input = photos[Number(photoId)];
      if (input === undefined) continue;
      if (photo !== null) [format, pieces] = [photo.format, []];
      pieces.push(data);
      if (fault !== null) fail(input.name, fault.message);
      else if (last) {
        try {
          const path = join(outFolder, input.stem + (extensions[format ?? ""] ?? ""));
          await keep(path, Buffer.concat(pieces), overwrite);
          console.log(path);
        } catch (error) {
          fail(input.name, error);
        }
      }
      if (last) pieces = [];
    }
    await sending;
  } catch (error) {
    throw client.asTinctError(error);
  } finally {
    call.on("error", () => {}); // of the cancellation, where the call is not over
    call.cancel();
  }
  return failed;
}

async function keep(path: string, picture: Uint8Array, overwrite: boolean): Promise<void> {
  const isThere = await stat(path).then(() => true, () => false);
  if (isThere && !overwrite) {
    throw new TinctError("already_exists", `${path} is there already; --overwrite replaces it.`);
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, picture);
}
