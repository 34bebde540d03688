import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import { CLIENTS, eightClients, jpegOf, startTinct } from "./colorize_sides.ts";
import { judge, median, type Verdict } from "./verdict.ts";

const side = 512;

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
  await using one = await startTinct(config);
  await using several = await startTinct(config, { flags: ["--colorize-workers", `${workers}`] });
  const image = await jpegOf(side, side);
  const [single, many]: [number[], number[]] = [[], []];
  for (const server of [one, several]) { // loads the model at each worker
    for (let warmup = 0; warmup < 3; warmup++) await eightClients(server, image, photos);
  }
  for (let at = 0; at < turns; at++) {
    single.push(await eightClients(one, image, photos));
    many.push(await eightClients(several, image, photos));
  }
  const unit = "photos/s";
  return [
    judge(`Colorize, ${CLIENTS} clients, one worker`, median(single), { unit, digits: 2 }),
    judge(`Colorize, ${CLIENTS} clients, ${workers} workers`, median(many), { unit, digits: 2 }),
    judge("  of one worker's", 100 * median(many.map((rate, at) => rate / (single[at] ?? NaN))), {
      unit: "%",
    }),
  ];
}
