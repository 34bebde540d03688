import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { Client, credentials } from "@grpc/grpc-js";
import { decodeResized } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { ask, BenchServer } from "./bench_server.ts";
import { submit, watchToEnd } from "./training_job.ts";

const photo = fileURLToPath(new URL("../../tests/testdata/photos/coffee.png", import.meta.url));

/** What a photo took, in milliseconds. */
export interface PhotoTimes {
  /** As its client sees it. */
  readonly tookMs: number;
  /** Of that, by what the server says; NaN where it says nothing. */
  readonly modelMs: number;
  readonly decodeMs: number;
  readonly encodeMs: number;
  readonly queueMs: number;
  /** Between client and server. */
  readonly networkMs: number;
}

/** A server that colorizes, measured beside others. */
export interface ColorizeSide extends AsyncDisposable {
  readonly name: string;
  /** Colorizes a photo's file. */
  colorize(image: Buffer): Promise<PhotoTimes>;
}

/**
 * A server of Tinct's with a model that was trained for one step.
 *
 * @param options `clone`: the folder of the program, this one when left out. `flags` of its `serve`.
 */
export async function startTinct(
  config: TrainingConfig,
  { clone, flags = [] }: {
    readonly clone?: string | undefined;
    readonly flags?: readonly string[];
  } = {},
): Promise<ColorizeSide & { readonly server: BenchServer }> {
  const place = clone === undefined ? {} : { clone };
  const server = await BenchServer.start({ photos: 4, side: config.size ?? 256, flags, ...place });
  const jobId = await submit(server, { ...config, batchSize: 1, maxSteps: 1 });
  await watchToEnd(server, jobId);
  const models = server.connect("tinct.v1.ModelService");
  await ask((answer) => models.promoteCheckpoint({ checkpoint: { jobId }, name: "bench" }, answer));
  const client = server.connect("tinct.v1.ColorizationService");
  return {
    name: clone ?? "this clone",
    server,
    async colorize(image) {
      const startMs = performance.now();
      const { timings } = await ask<ColorizeResponse__Output>((answer) =>
        client.colorize({ image, model: { name: "bench" } }, answer)
      );
      const tookMs = performance.now() - startMs;
      const ms = (part: "model" | "decode" | "encode" | "queue" | "total") =>
        durationMsOf(timings?.[part] ?? null) ?? NaN;
      return {
        tookMs,
        modelMs: ms("model"),
        decodeMs: ms("decode"),
        encodeMs: ms("encode"),
        queueMs: ms("queue"),
        networkMs: tookMs - ms("total"),
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server that others would write, in Python. */
export interface Peer {
  /**
   * Its program. It gets a port and `--model FOLDER` with PyTorch's `model.py`, says "ready" when it
   * listens, and has a method `/peer.Peer/Colorize` from the bytes of a photo to those of a result.
   */
  readonly script: string;
  readonly python: string;
}

/** Starts a peer. @throws where it ends before it is ready. */
export async function startPeer({ script, python }: Peer): Promise<ColorizeSide> {
  const port = await freePort();
  const models = fileURLToPath(new URL("../pytorch", import.meta.url));
  const child = spawn(python, [script, `${port}`, "--model", models], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(child, script);
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  return {
    name: "the peer",
    async colorize(image) {
      const startMs = performance.now();
      await ask<Buffer>((answer) =>
        client.makeUnaryRequest("/peer.Peer/Colorize", same, same, image, answer)
      );
      const tookMs = performance.now() - startMs;
      const none = { modelMs: NaN, decodeMs: NaN, encodeMs: NaN, queueMs: NaN, networkMs: NaN };
      return { tookMs, ...none };
    },
    async [Symbol.asyncDispose]() {
      client.close();
      const closed = once(child, "close");
      child.kill();
      await closed;
    },
  };
}

async function ready(child: ChildProcess, script: string): Promise<void> {
  const said = Promise.withResolvers<void>();
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    if (text.includes("ready")) said.resolve();
  });
  child.once("error", said.reject);
  child.once("close", (code) => said.reject(new Error(`${script} ended with ${code}.`)));
  await said.promise;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new TypeError("There is no port.");
  return address.port;
}

/** So many clients colorize at a time where several do. */
export const CLIENTS = 8;

/** A round of eight clients. @returns photos a second. */
export async function eightClients(
  each: ColorizeSide,
  image: Buffer,
  photosOfEach: number,
): Promise<number> {
  const startMs = performance.now();
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    for (let index = 0; index < photosOfEach; index++) await each.colorize(image);
  }));
  return CLIENTS * photosOfEach / (performance.now() - startMs) * 1000;
}

/** A photo as a JPEG of a size, no larger than a square of its longer side. */
export async function jpegOf(width: number, height: number): Promise<Buffer> {
  const longer = Math.max(width, height);
  const square = await decodeResized(photo, longer);
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = 3 * y * longer;
    rgb.set(square.subarray(start, start + 3 * width), 3 * y * width);
  }
  const options = { format: "jpeg", quality: 90, chroma: "4:2:0" } as const;
  return Buffer.from(await encodePhoto({ width, height, rgb }, options));
}
