import { open } from "node:fs/promises";
import { join } from "node:path";
import { writeFolderAtomically } from "../files/atomic_write.ts";
import { readCheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import { encodeManifest, MANIFEST_NAME } from "../checkpoints/checkpoint_manifest.ts";
import { chooseWeights, type GeneratorWeights } from "../checkpoints/generator_weights.ts";
import { TinctError } from "../errors.ts";

const readAtOnce = 1024 * 1024;

/**
 * Copies what colorizing needs of a checkpoint, one kind of its generator's weights, into a folder of its own, which is
 * again a checkpoint and appears whole or not at all.
 *
 * @param source the checkpoint's folder.
 * @param target the new folder; its parent must exist.
 * @param options `weights`: which; the moving average where there is one, when left out.
 * @returns its size in bytes.
 * @throws {TinctError} not_found; data_loss where the generator is not what was written;
 *   resource_exhausted when the disk is full; the signal's reason.
 */
export async function exportGenerator(
  source: string,
  target: string,
  { weights, signal }: {
    readonly weights?: GeneratorWeights | undefined;
    readonly signal?: AbortSignal | undefined;
  } = {},
): Promise<number> {
  const info = await readCheckpointInfo(source);
  const { file: name } = chooseWeights(info, weights);
  const listed = info.files.find((file) => file.name === name);
  if (listed === undefined) {
    throw new TinctError("data_loss", `The checkpoint of step ${info.step} has no generator.`);
  }
  const manifest = encodeManifest({ ...info, files: [listed] });
  await writeFolderAtomically(target, async (folder) => {
    const copied = await folder.writeFile(name, async (file) => {
      const handle = await open(join(source, name));
      try {
        const buffer = Buffer.alloc(readAtOnce);
        for (;;) {
          signal?.throwIfAborted();
          const { bytesRead } = await handle.read(buffer, 0, readAtOnce, null);
          if (bytesRead === 0) break;
          await file.write(buffer.subarray(0, bytesRead));
        }
      } finally {
        await handle.close();
      }
    });
    if (copied.sha256 !== listed.sha256) {
      throw new TinctError(
        "data_loss",
        `The generator of step ${info.step} was changed after it was written; take another ` +
          "checkpoint.",
      );
    }
    await folder.writeFile(MANIFEST_NAME, manifest);
  }, { signal });
  return listed.sizeBytes + Buffer.byteLength(manifest);
}
