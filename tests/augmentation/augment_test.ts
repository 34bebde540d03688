import assert from "assert";
import tf from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";
import { labOfBytes, type ScaledLab, scaleLab } from "../../src/color/lab.ts";
import { parseTrainingConfig } from "../../src/config/training.ts";
import { CompiledFunction } from "../../src/engine/compile.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { statelessUniform } from "../../src/engine/kernels/random.ts";
import { augment } from "../../src/augmentation/augment.ts";
import { engineTest } from "../engine/test_engine.ts";

const size = 16;

const everything = {
  flip: true,
  crop: 0.5,
  rotate: 10,
  saturationJitter: 0.4,
  whiteBalanceJitter: 8,
  blur: 2,
  grain: 6,
  cutout: 0.6,
  spectralFilm: 1,
};

/** Each option alone. */
const single: Readonly<Record<string, unknown>>[] = Object.entries(everything)
  .map(([name, value]) => ({ flip: false, [name]: value }));

/** Colours of a photo without symmetry. */
const photo = Uint8Array.from(
  { length: size * size * 3 },
  (_, i) => 120 + 100 * Math.sin(i * 0.013) * Math.cos(i * (i % 3 + 1)),
);

interface Augmented {
  readonly L: number[];
  readonly ab: number[];
  readonly cleanL: number[];
  readonly nodeCount: number;
}

type Body = (pixels: Tensor, seed: Tensor) => ScaledLab & { readonly cleanL?: Tensor };

/** What a compiled function makes of a batch of one photo, over and over. */
async function run(
  engine: Engine,
  body: Body,
  { batch = 4, at = [3, 7], xla = false }: {
    batch?: number;
    at?: [seed: number, step: number];
    xla?: boolean;
  } = {},
): Promise<Augmented> {
  using compiled = new CompiledFunction(engine, (pixels, seed) => {
    const { L, ab, cleanL = L } = body(pixels!, seed!);
    return [L, ab, cleanL];
  }, { name: "augment", xla });
  const bytes = new Uint8Array(batch * photo.length);
  for (let i = 0; i < batch; i++) bytes.set(photo, i * photo.length);
  const inputs = [
    engine.uint8Tensor(bytes, [batch, size, size, 3]),
    tf.tensor1d(at, "int32"),
  ];
  const results = await compiled.call(...inputs);
  const [L, ab, cleanL] = results.map((result) => [...result.dataSync()]);
  tf.dispose([...inputs, ...results]);
  return { L: L!, ab: ab!, cleanL: cleanL!, nodeCount: compiled.nodeCount };
}

function augmented(options: Readonly<Record<string, unknown>>): Body {
  const config = parseTrainingConfig(options);
  return (pixels, seed) => augment(pixels, seed, config);
}

engineTest(
  "with everything off the graph is that of L*a*b* alone, node by node",
  async (engine) => {
    const plain = await run(engine, (pixels) => scaleLab(labOfBytes(pixels)));
    assert.deepEqual(await run(engine, augmented({ flip: false })), plain);
  },
);

engineTest(
  "with flip alone graph and values are what they were before there was more",
  async (engine) => {
    const before: Body = (pixels, seed) => {
      const lab = labOfBytes(pixels);
      const stream = tf.add(seed, tf.tensor1d([1000, 0], "int32"));
      const draws = statelessUniform([pixels.shape[0] ?? 0, 1, 1, 1], stream);
      return scaleLab(tf.where(tf.less(draws, 0.5), tf.reverse(lab, [2]), lab));
    };
    assert.deepEqual(await run(engine, augmented({})), await run(engine, before));
  },
);

/** The values of each photo of a batch. */
function perPhoto(values: readonly number[], batch = 4): number[][] {
  const length = values.length / batch;
  return Array.from({ length: batch }, (_, i) => values.slice(i * length, (i + 1) * length));
}

for (const options of [...single, everything]) {
  const [name] = Object.keys(options).filter((key) => key !== "flip");
  const title = options === everything ? "everything" : name ?? "flip";
  engineTest(
    `${title} follows from seed and step, and differs from photo to photo`,
    async (engine) => {
      const batch = 16;
      const body = augmented(options);
      const first = await run(engine, body, { batch });
      assert.deepEqual(await run(engine, body, { batch }), first);
      for (const at of [[3, 8], [4, 7]] as const) {
        assert.notDeepEqual(await run(engine, body, { batch, at: [...at] }), first);
      }
      const photos = perPhoto(first.L, batch).map((L, i) => [
        ...L,
        ...perPhoto(first.ab, batch)[i]!,
      ]);
      const kinds = new Set(photos.map((values) => values.join())).size;
      if (name === undefined) assert.equal(kinds, 2); // mirrored or not
      else assert.ok(kinds > 12, `${kinds} of ${batch}`); // a blur or hole may be too small to see
      assert.ok([...first.L, ...first.ab].every((value) => value >= -1.001 && value <= 1.001));
    },
  );
}

engineTest("an option changes what it is to change, and nothing else", async (engine) => {
  const plain = await run(engine, augmented({ flip: false }));
  const changes: Record<string, [L: boolean, ab: boolean, cleanL: boolean]> = {
    flip: [true, true, true],
    crop: [true, true, true],
    rotate: [true, true, true],
    saturationJitter: [false, true, false],
    whiteBalanceJitter: [false, true, false],
    blur: [true, false, false],
    grain: [true, false, false],
    cutout: [true, false, false],
    spectralFilm: [true, false, false],
  };
  for (const [i, name] of Object.keys(everything).entries()) {
    const made = await run(engine, augmented(single[i]!));
    const changed = (["L", "ab", "cleanL"] as const).map((part) =>
      made[part].some((value, i) => value !== plain[part][i])
    );
    assert.deepEqual(changed, changes[name], name);
  }
});

engineTest("a window mirrors the photos that flip alone mirrors", async (engine) => {
  const flipped = await run(engine, augmented({}));
  // A window of nearly the whole photo, so that it can be told which way round it is.
  const windowed = await run(engine, augmented({ crop: 0.999 }));
  const distance = (a: number[], b: number[]) =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
  const other = await run(engine, augmented({ flip: false }));
  for (const [i, values] of perPhoto(windowed.cleanL).entries()) {
    const toFlipped = distance(values, perPhoto(flipped.cleanL)[i]!);
    const plain = perPhoto(other.cleanL)[i]!;
    const mirrored = plain.map((_, k) => plain[k - 2 * (k % size) + size - 1]!);
    const wasMirrored = distance(perPhoto(flipped.cleanL)[i]!, mirrored) === 0;
    assert.ok(toFlipped < 0.1 * distance(values, wasMirrored ? plain : mirrored), `photo ${i}`);
  }
});

engineTest("XLA compiles all of it", async (engine) => {
  const body = augmented(everything);
  const first = await run(engine, body, { xla: true });
  assert.deepEqual(await run(engine, body, { xla: true }), first); // its draws are its own
  assert.equal(new Set(perPhoto(first.L).map((values) => values.join())).size, 4);
});
