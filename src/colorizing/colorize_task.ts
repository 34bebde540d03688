import type { ColorizeCall, ColorizedPhoto, ColorizeSettings } from "./colorizing.ts";
import type { ResolvedModel } from "./model_reference.ts";
import type { WorkerSeat } from "./worker_seat.ts";

/** A photo on its way. */
export interface ColorizeTask {
  readonly photo: Uint8Array;
  readonly settings: ColorizeSettings;
  /** Whose it is; see `nextInTurn`. */
  readonly client: string | undefined;
  readonly signal: AbortSignal;
  readonly takeRoom: ColorizeCall["takeRoom"];
  readonly arrivedMs: number;
  readonly done: PromiseWithResolvers<ColorizedPhoto>;
  /** What it is colorized with, as text. */
  readonly modelKey: string;
  /** What that came to when the photo arrived; looked for where it is undefined. */
  found: ResolvedModel | undefined;
  /** Workers that died while they had it. The second one had nothing else to die of. */
  crashes: number;
  /** Where a worker died while it had it: photos of other workers are not to be at risk of it. */
  seat: WorkerSeat | undefined;
}
