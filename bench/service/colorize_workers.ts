import { fileURLToPath } from "node:url";
import { decodeResized } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import { ask, BenchServer } from "./bench_server.ts";
import { submit, watchToEnd } from "./training_job.ts";
import { judge, median, type Verdict } from "./verdict.ts";

const CLIENTS = 8;
const side = 512;
const photo = fileURLToPath(new URL("../../tests/testdata/photos/coffee.png", import.meta.url));

/**
 * Has eight clients colorize, a photo at a time each, at a server with one worker and at one with
 * several, in turns, and compares how many photos a second they get.
 */
export async function measureWorkers(
  config: TrainingConfig,
  { workers, turns, photos }: {
    readonly workers: number;
    readonly turns: number;
    /** Of each client in a turn. */
    readonly photos: number;
  },
): Promise<Verdict[]> {
  const start = (flags: readonly string[]) =>
    BenchServer.start({ photos: 4, side: config.size ?? 256, flags });
  await using one = await start([]);
  await using several = await start(["--colorize-workers", `${workers}`]);
  const rgb = await decodeResized(photo, side);
  const image = Buffer.from(
    await encodePhoto({ width: side, height: side, rgb }, {
      format: "jpeg",
      quality: 90,
      chroma: "4:2:0",
    }),
  );
  const rates = new Map<BenchServer, number[]>([[one, []], [several, []]]);
  const turn = async (server: BenchServer, jobId: string) => {
    const client = server.connect("tinct.v1.ColorizationService");
    const startMs = performance.now();
    await Promise.all(Array.from({ length: CLIENTS }, async () => {
      for (let index = 0; index < photos; index++) {
        await ask<ColorizeResponse__Output>((answer) =>
          client.colorize({ image, model: { checkpoint: { jobId } } }, answer)
        );
      }
    }));
    return CLIENTS * photos / ((performance.now() - startMs) / 1000);
  };
  const jobs = new Map<BenchServer, string>();
  for (const server of [one, several]) {
    const jobId = await submit(server, { ...config, batchSize: 1, maxSteps: 1 });
    await watchToEnd(server, jobId);
    jobs.set(server, jobId);
    for (let warmup = 0; warmup < 3; warmup++) await turn(server, jobId); // loads it at each worker
  }
  for (let at = 0; at < turns; at++) {
    for (const [server, seen] of rates) seen.push(await turn(server, jobs.get(server) ?? ""));
  }
  const [single, many] = [rates.get(one) ?? [], rates.get(several) ?? []];
  const unit = "photos/s";
  return [
    judge(`Colorize, ${CLIENTS} clients, one worker`, median(single), { unit, digits: 2 }),
    judge(`Colorize, ${CLIENTS} clients, ${workers} workers`, median(many), { unit, digits: 2 }),
    judge("  of one worker's", 100 * median(many.map((rate, at) => rate / (single[at] ?? NaN))), {
      unit: "%",
    }),
  ];
}
