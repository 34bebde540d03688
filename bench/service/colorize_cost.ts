import { fileURLToPath } from "node:url";
import { decodeResized } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import type { Duration__Output } from "../../src/protocol/generated/google/protobuf/duration.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { ask, BenchServer } from "./bench_server.ts";
import { submit, watchToEnd } from "./training_job.ts";
import { judge, median, type Verdict } from "./verdict.ts";

const side = 512;
const photo = fileURLToPath(new URL("../../tests/testdata/photos/coffee.png", import.meta.url));

/**
 * Colorizes a photo over and over, one call at a time, and compares what a client waits with what the
 * model took.
 */
export async function measureColorize(
  config: TrainingConfig,
  { warmup, repeat }: { readonly warmup: number; readonly repeat: number },
): Promise<Verdict[]> {
  await using server = await BenchServer.start({ photos: 4, side: config.size ?? 256 });
  const jobId = await submit(server, { ...config, batchSize: 1, maxSteps: 1 });
  await watchToEnd(server, jobId);
  const models = server.connect("tinct.v1.ModelService");
  await ask((answer) => models.promoteCheckpoint({ checkpoint: { jobId }, name: "bench" }, answer));
  const rgb = await decodeResized(photo, side);
  const image = Buffer.from(
    await encodePhoto({ width: side, height: side, rgb }, {
      format: "jpeg",
      quality: 90,
      chroma: "4:2:0",
    }),
  );
  const client = server.connect("tinct.v1.ColorizationService");
  const rows: (Record<"queue" | "decode" | "model" | "encode" | "network" | "above", number>)[] =
    [];
  for (let index = -warmup; index < repeat; index++) {
    const startMs = performance.now();
    const { timings } = await ask<ColorizeResponse__Output>((answer) =>
      client.colorize({ image, model: { name: "bench" } }, answer)
    );
    const tookMs = performance.now() - startMs;
    if (timings === null) throw new TypeError("An answer without timings.");
    if (index < 0) continue;
    rows.push({
      queue: ms(timings.queue),
      decode: ms(timings.decode),
      model: ms(timings.model),
      encode: ms(timings.encode),
      network: tookMs - ms(timings.total),
      above: tookMs - ms(timings.model),
    });
  }
  const of = (name: keyof typeof rows[number]) => median(rows.map((row) => row[name]));
  return [
    judge(`Colorize, ${side} x ${side} JPEG, above the model`, of("above"), {
      atMost: 15,
      unit: "ms",
    }),
    judge("  decoding and squashing", of("decode"), { unit: "ms" }),
    judge("  putting the colours on, and encoding", of("encode"), { unit: "ms" }),
    judge("  between server and worker", of("queue"), { unit: "ms" }),
    judge("  between client and server", of("network"), { unit: "ms" }),
    judge("  (the model itself)", of("model"), { unit: "ms" }),
  ];
}

function ms(duration: Duration__Output | null): number {
  return durationMsOf(duration) ?? NaN;
}
