import assert from "assert";
import { openCheckpoint } from "../../src/checkpoints/checkpoint_folder.ts";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import type { TensorSource } from "../../src/checkpoints/safetensors.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { restoreGan, restoreNetworks, snapshotGan } from "../../src/training/checkpointing.ts";
import { Gan } from "../../src/training/gan.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { engineTest } from "../engine/test_engine.ts";

const config = parseTrainingConfig({ size: 32, nDown: 5, ngf: 4, ndf: 4, nLayers: 1 });

/** The first tensor of a file whose name has this, with its first number replaced. */
function spoilt(sources: readonly TensorSource[], part: string, value: number): TensorSource[] {
  const chosen = sources.find(({ name }) => name.includes(part));
  assert.ok(chosen, `there is no ${part}`);
  const data = async () => {
    const bytes = new Uint8Array(await chosen.data());
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return bytes;
  };
  return sources.map((source) => source === chosen ? { ...source, data } : source);
}

engineTest(
  "a run is not gone on with from weights or moments that are no numbers",
  async (engine) => {
    const cases = [
      ["generator.safetensors", "running_var", -1, /running_var .*at least 0; the first is -1/],
      ["discriminator.safetensors", "weight", NaN, /discriminator\.safetensors: .* NaN, number 1/],
      ["optimizer_G.safetensors", "exp_avg.", Infinity, /of exp_avg\.\S+ is not finite/],
      ["optimizer_D.safetensors", "exp_avg_sq.", -1e-3, /of exp_avg_sq\.\S+ is not finite and at/],
    ] as const;
    for (const [file, part, value, says] of cases) {
      await using folder = await TemporaryFolder.create();
      const store = await openCheckpointStore(folder.path, { programVersion: "1" });
      using gan = new Gan(engine, config);
      using snapshot = await snapshotGan(gan);
      assert.ok(snapshot);
      const tensors = { ...snapshot.tensors, [file]: spoilt(snapshot.tensors[file]!, part, value) };
      const info = await store.save({
        step: 1,
        tensors,
        state: { config: { ...config }, step: 1 },
      });
      await using checkpoint = await openCheckpoint(info);
      await assert.rejects(restoreGan(gan, checkpoint), {
        code: "failed_precondition",
        message: says,
      });
      const networks = restoreNetworks(gan, checkpoint);
      if (file.startsWith("optimizer")) await networks; // a run that begins with the weights alone
      else await assert.rejects(networks, { code: "failed_precondition", message: says });
    }
  },
);
