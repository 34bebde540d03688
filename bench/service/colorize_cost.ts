import { existsSync } from "node:fs";
import type { TrainingConfig } from "../../src/protocol/generated/tinct/v1/training_config.ts";
import {
  CLIENTS,
  type ColorizeSide,
  eightClients,
  jpegOf,
  type Peer,
  type PhotoTimes,
  startPeer,
  startTinct,
} from "./colorize_sides.ts";
import { judge, median, quantile, type Verdict } from "./verdict.ts";

const side = 512;
const large = { width: 4000, height: 3000 };

/** What one server was measured at. */
interface Measured {
  /** One at a time. */
  readonly single: PhotoTimes[];
  /** Photos a second of eight clients, of each round. */
  readonly rates: number[];
  /** Of 12 megapixels, milliseconds; none of the peer's. */
  readonly largeMs: number[];
}

/**
 * Colorizes a photo over and over, one call at a time and by eight clients, and compares what a client
 * waits with what the model took. Servers take turns, round by round.
 *
 * @param options `clones`: folders of older versions to be measured beside this one. `repeat`: calls of
 *   a round. `peer`: undefined where none was named.
 */
export async function measureColorize(
  config: TrainingConfig,
  { warmup, repeat, rounds, clones, peer }: {
    readonly warmup: number;
    readonly repeat: number;
    readonly rounds: number;
    readonly clones: readonly string[];
    readonly peer: Peer | undefined;
  },
): Promise<Verdict[]> {
  await using stack = new AsyncDisposableStack();
  const sides: ColorizeSide[] = [];
  for (const clone of [undefined, ...clones]) {
    sides.push(stack.use(await startTinct(config, { clone })));
  }
  const missing = peer === undefined
    ? "give --peer FILE, and --python, at full size"
    : existsSync(peer.script)
    ? undefined
    : `there is no ${peer.script}`;
  if (peer !== undefined && missing === undefined) sides.push(stack.use(await startPeer(peer)));
  const image = await jpegOf(side, side);
  const largeImage = await jpegOf(large.width, large.height);
  const measured = new Map(
    sides.map((each): [ColorizeSide, Measured] => [each, { single: [], rates: [], largeMs: [] }]),
  );
  for (const each of sides) {
    for (let index = 0; index < warmup; index++) await each.colorize(image);
    await eightClients(each, image, 2);
  }
  for (let round = 0; round < rounds; round++) {
    for (const each of round % 2 === 0 ? sides : sides.toReversed()) {
      const { single, rates, largeMs } = measured.get(each)!;
      for (let index = 0; index < repeat; index++) single.push(await each.colorize(image));
      rates.push(await eightClients(each, image, Math.ceil(repeat / CLIENTS)));
      if (each.name === "the peer") continue;
      largeMs.push((await each.colorize(largeImage)).tookMs);
    }
  }
  const [own, ...others] = sides.map((each) => ({ ...each, ...measured.get(each)! }));
  const verdicts = verdictsOf(own!);
  for (const other of others) verdicts.push(...comparison(own!, other));
  if (missing !== undefined) verdicts.push({ name: "the peer", measured: `skipped: ${missing}` });
  return verdicts;
}

function verdictsOf({ single, rates, largeMs }: Measured): Verdict[] {
  const unit = "ms";
  const above = single.map(({ tookMs, modelMs }) => tookMs - modelMs);
  const of = (name: keyof PhotoTimes) => median(single.map((row) => row[name]));
  const rateOfOne = 1000 / of("tookMs");
  return [
    judge(`Colorize, ${side} x ${side} JPEG, above the model`, median(above), { atMost: 8, unit }),
    judge("  99 of 100", quantile(above, 0.99), { atMost: 15, unit }),
    judge("  decoding and squashing", of("decodeMs"), { unit }),
    judge("  putting the colours on, and encoding", of("encodeMs"), { unit }),
    judge("  between server and worker", of("queueMs"), { unit }),
    judge("  between client and server", of("networkMs"), { unit }),
    judge("  (the model itself)", of("modelMs"), { unit }),
    judge("photos a second at eight clients", median(rates), { unit: "/s" }),
    judge("  of one client's", median(rates) / rateOfOne, {
      atLeast: 1.4,
      unit: "times",
      digits: 2,
    }),
    judge("Colorize, 12 megapixels", median(largeMs), { atMost: 350, unit, digits: 0 }),
  ];
}

/** This clone's numbers as ratios to another server's. */
function comparison(
  own: Measured,
  other: Measured & { readonly name: string },
): Verdict[] {
  const took = ({ single }: Measured) => median(single.map(({ tookMs }) => tookMs));
  const above = ({ single }: Measured) =>
    median(single.map(({ tookMs, modelMs }) => tookMs - modelMs));
  const rows: [string, (of: Measured) => number][] = [
    ["a photo, one client", took],
    ["above the model", above],
    ["photos a second at eight clients", ({ rates }) => median(rates)],
    ["a photo of 12 megapixels", ({ largeMs }) => median(largeMs)],
  ];
  return rows.filter(([, of]) => Number.isFinite(of(other))).map(([name, of]) => ({
    name: `${name}: of ${other.name}'s`,
    measured: `${(of(own) / of(other)).toFixed(2)} (${of(own).toFixed(1)} : ${
      of(other).toFixed(1)
    })`,
  }));
}
