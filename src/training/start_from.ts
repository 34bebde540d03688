import { openCheckpoint, readCheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import type { Engine } from "../engine/engine.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { restoreNetworks, snapshotGan } from "./checkpointing.ts";
import { Gan } from "./gan.ts";
import { nonFinite } from "./non_finite.ts";
import type { Run } from "../runs/run.ts";
import { keepTrainedPhotos } from "../runs/trained_photos.ts";
import { encodeRunState } from "../runs/run_state.ts";

/**
 * Gives a run that has no checkpoint yet one of step 0, with the weights of another run's checkpoint,
 * fresh optimizers, and a moving average that begins with those weights: to be trained on as if it were resumed.
 *
 * @param set the photos that the run is to be trained on.
 * @param checkpointFolder the other checkpoint.
 * @throws TinctError `failed_precondition` when it is of another configuration, `data_loss` when it is
 *   damaged, `not_found` when it is gone or has no discriminator.
 */
export async function startFrom(
  engine: Engine,
  { store, config }: Run,
  set: PreparedSet,
  checkpointFolder: string,
): Promise<void> {
  using gan = new Gan(engine, config);
  await using checkpoint = await openCheckpoint(await readCheckpointInfo(checkpointFolder));
  await restoreNetworks(gan, checkpoint);
  gan.ema?.restart();
  using snapshot = await snapshotGan(gan);
  if (snapshot === undefined) throw await nonFinite("a weight is not a finite number", 0, store);
  await keepTrainedPhotos(store.runFolder, set);
  await store.save({
    step: 0,
    tensors: snapshot.tensors,
    state: encodeRunState({
      config,
      step: 0,
      cursor: { epoch: 0, offset: 0 },
      dataKey: set.key,
      pending: false,
      parts: {},
    }),
  });
}
