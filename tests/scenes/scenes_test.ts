import assert from "assert";
import { createHash } from "node:crypto";
import { renderScene } from "../../src/scenes/scenes.ts";

/** sRGB byte to linear light, IEC 61966-2-1. */
function toLinear(byte: number): number {
  const v = byte / 255;
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
}

/** Linear light to an sRGB value of 0 to 255. */
function toDisplay(v: number): number {
  return 255 * (v <= 0.0031308 ? v * 12.92 : 1.055 * v ** (1 / 2.4) - 0.055);
}

/** The gray of the same luminance, and so of the same L*, of each pixel, 0 to 255. */
function grayOf(rgb: Uint8Array): Float64Array {
  return Float64Array.from({ length: rgb.length / 3 }, (_, i) => {
    const [r, g, b] = rgb.subarray(i * 3, i * 3 + 3) as unknown as [number, number, number];
    return toDisplay(0.2126 * toLinear(r) + 0.7152 * toLinear(g) + 0.0722 * toLinear(b));
  });
}

function psnr(sumOfSquares: number, count: number): number {
  return 10 * Math.log10(255 * 255 * count / sumOfSquares);
}

Deno.test("renderScene() gives the same bytes for the same seed and index, for ever", () => {
  const hash = createHash("sha256");
  for (let index = 0; index < 40; index++) hash.update(renderScene(index, { seed: 7, size: 48 }));
  // Whoever changes a scene on purpose raises scenesVersion, and changes this too.
  assert.equal(
    hash.digest("hex"),
    "c796feb9458f0d8717a8cd8a8f9397d3e321a7592f2b4f81a7bc6ee0bea5edf1",
  );
});

Deno.test("renderScene() gives another scene for every index and seed", () => {
  const seen = new Set<string>();
  for (let index = 0; index < 500; index++) {
    for (const seed of [0, 1, -1, 2 ** 40]) {
      const scene = renderScene(index, { seed, size: 8 });
      assert.equal(scene.length, 8 * 8 * 3);
      seen.add(scene.join());
    }
  }
  assert.equal(seen.size, 2000);
});

Deno.test("renderScene() shows the same scene at every size", () => {
  for (let index = 0; index < 20; index++) {
    const small = renderScene(index, { seed: 3, size: 24 });
    const large = renderScene(index, { seed: 3, size: 96 });
    let difference = 0;
    for (let y = 0; y < 24; y++) {
      for (let x = 0; x < 24; x++) {
        for (let c = 0; c < 3; c++) {
          let mean = 0;
          for (let k = 0; k < 16; k++) {
            mean += (large[((y * 4 + (k >> 2)) * 96 + x * 4 + (k & 3)) * 3 + c] ?? 0) / 16;
          }
          difference += Math.abs(mean - (small[(y * 24 + x) * 3 + c] ?? 0));
        }
      }
    }
    // Two unrelated scenes differ by 40 to 80 of 255; textures finer than a pixel by a few.
    assert.ok(difference / small.length < 12, `scene ${index}: ${difference / small.length}`);
  }
});

Deno.test("scenes are colourful: gray pictures of their luminance have a PSNR of 15 to 17 dB", () => {
  let sum = 0;
  for (let index = 0; index < 100; index++) {
    const scene = renderScene(index, { seed: 11, size: 48 });
    const gray = grayOf(scene);
    let squares = 0;
    scene.forEach((value, i) => squares += (value - (gray[Math.floor(i / 3)] ?? 0)) ** 2);
    sum += psnr(squares, scene.length);
  }
  assert.ok(sum / 100 > 15 && sum / 100 < 17, `${sum / 100} dB`);
});

Deno.test("the colours of unseen scenes follow from lightness: nearest neighbours gain 3 dB on gray", () => {
  const size = 32, scales = [1, 3, 8], strips = 8, features = strips + 1 + scales.length * 9;

  /** What a pixel looks like in gray: the whole scene in strips, its height, points around it. */
  const describe = (gray: Float64Array, at: number): number[] => {
    const x = at % size, y = Math.floor(at / size);
    const described = Array.from({ length: strips }, (_, strip) => {
      const pixels = gray.subarray(
        strip * gray.length / strips,
        (strip + 1) * gray.length / strips,
      );
      return pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    });
    described.push(y / size * 300);
    for (const scale of scales) {
      for (let k = 0; k < 9; k++) {
        const px = Math.min(size - 1, Math.max(0, x + (k % 3 - 1) * scale));
        const py = Math.min(size - 1, Math.max(0, y + (Math.floor(k / 3) - 1) * scale));
        described.push(gray[py * size + px] ?? 0);
      }
    }
    return described;
  };

  const known: number[] = [], tints: number[] = [];
  for (let index = 0; index < 400; index++) {
    const scene = renderScene(index, { seed: 1, size }), gray = grayOf(scene);
    for (let k = 0; k < 40; k++) {
      const at = (k * 397 + index * 31) % (size * size);
      known.push(...describe(gray, at));
      for (let c = 0; c < 3; c++) tints.push((scene[at * 3 + c] ?? 0) - (gray[at] ?? 0));
    }
  }
  const table = Float32Array.from(known);

  let grayError = 0, guessError = 0, count = 0;
  for (let index = 0; index < 60; index++) {
    const scene = renderScene(index, { seed: 2, size }), gray = grayOf(scene);
    for (let k = 0; k < 10; k++) {
      const at = (k * 389 + index * 17) % (size * size);
      const wanted = describe(gray, at);
      const nearest = new Array<number>(4).fill(0), distances = new Array<number>(4).fill(Infinity);
      for (let row = 0; row < table.length / features; row++) {
        let distance = 0;
        const worst = distances[3] ?? 0;
        for (let f = 0; f < features && distance < worst; f++) {
          distance += ((table[row * features + f] ?? 0) - (wanted[f] ?? 0)) ** 2;
        }
        if (distance >= worst) continue;
        const place = distances.findIndex((other) => distance < other);
        distances.splice(place, 0, distance);
        nearest.splice(place, 0, row);
        distances.length = nearest.length = 4;
      }
      for (let c = 0; c < 3; c++) {
        const tint = (scene[at * 3 + c] ?? 0) - (gray[at] ?? 0);
        const guess = nearest.reduce((sum, row) => sum + (tints[row * 3 + c] ?? 0) / 4, 0);
        grayError += tint ** 2;
        guessError += (tint - guess) ** 2;
        count++;
      }
    }
  }
  const gain = psnr(guessError, count) - psnr(grayError, count);
  assert.ok(gain > 3, `${gain} dB`);
});

Deno.test("renderScene() refuses an index, seed or size that is no integer or out of range", () => {
  const cases: [number, { seed?: number; size?: number }, RegExp][] = [
    [-1, {}, /integer from 0, not -1/],
    [0.5, {}, /integer from 0, not 0.5/],
    [0, { seed: NaN }, /seed .* not NaN/],
    [0, { seed: 1.5 }, /seed .* not 1.5/],
    [0, { size: 7 }, /8 to 2048 pixels, not 7/],
    [0, { size: 4096 }, /8 to 2048 pixels, not 4096/],
    [0, { size: 64.5 }, /8 to 2048 pixels, not 64.5/],
  ];
  for (const [index, options, message] of cases) {
    assert.throws(() => renderScene(index, options), { name: "RangeError", message });
  }
});
