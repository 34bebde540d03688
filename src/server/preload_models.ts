import { performance } from "node:perf_hooks";
import type { Colorizing } from "../colorizing/colorizing.ts";
import { messageOf, TinctError } from "../errors.ts";
import { defaultSupervisorLimits } from "../fleet/fleet_options.ts";
import { findModel } from "../colorizing/model_finder.ts";
import type { Store } from "../jobs/store.ts";
import type { Log } from "../log/log.ts";

/**
 * Loads promoted models before clients ask for them: the newest version of each.
 *
 * @param names as `--preload` gives them, each one or several with commas between.
 * @throws {TinctError} which calls it --preload: invalid_argument (more than are held at a time),
 *   not_found (no such model), what loading it failed with; the signal's reason.
 */
export async function preloadModels(
  names: readonly string[],
  { store, dataFolder, colorizing, log, signal }: {
    readonly store: Store;
    readonly dataFolder: string;
    readonly colorizing: Pick<Colorizing, "preload">;
    readonly log: Log;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const wanted = new Set(names.flatMap((each) => each.split(",")).map((name) => name.trim()));
  const { maxLoadedModels } = defaultSupervisorLimits;
  if (wanted.size > maxLoadedModels) {
    throw new TinctError(
      "invalid_argument",
      `--preload names ${wanted.size} models, and the server holds ${maxLoadedModels} at a time: name ` +
        "the ones used most.",
    );
  }
  for (const name of wanted) {
    signal.throwIfAborted();
    const startedMs = performance.now();
    try {
      const { folder, ...model } = await findModel(store, dataFolder, { name });
      (await colorizing.preload(folder))[Symbol.dispose]();
      const version = "version" in model ? model.version : undefined;
      const seconds = Number(((performance.now() - startedMs) / 1000).toFixed(1));
      const fields = { model: name, version, seconds };
      log.write({ level: "info", message: "A model was loaded before it is asked for.", fields });
    } catch (cause) {
      if (!(cause instanceof TinctError)) throw cause;
      throw new TinctError(cause.code, `--preload ${name}: ${messageOf(cause)}`, { cause });
    }
  }
}
