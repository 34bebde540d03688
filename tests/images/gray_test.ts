import assert from "assert";
import { GRAY_SPREAD, isGray } from "../../src/images/gray.ts";
import { paint } from "./test_photos.ts";

const level = (x: number, y: number) => 20 + ((x * 7 + y * 3) % 200);

const PICTURES = [
  { what: "equal channels", gray: true, color: (x: number, y: number) => tint(level(x, y), 0) },
  {
    what: "a cast just below sight",
    gray: true,
    color: (x: number, y: number) => tint(level(x, y), GRAY_SPREAD),
  },
  {
    what: "a cast just in sight",
    gray: false,
    color: (x: number, y: number) => tint(level(x, y), GRAY_SPREAD + 1),
  },
  {
    what: "one bright red speck in 1000 pixels",
    gray: true,
    color: (x: number, y: number) =>
      x === 50 && y % 10 === 0 ? [255, 0, 0] as const : tint(level(x, y), 0),
  },
  {
    what: "a small red coat in the snow",
    gray: false,
    color: (x: number, y: number) => x < 5 && y < 5 ? [200, 20, 20] as const : tint(240, 0),
  },
  {
    what: "sepia",
    gray: false,
    color: (x: number, y: number) => {
      const value = level(x, y);
      return [value, value * 0.85, value * 0.65] as const;
    },
  },
];

function tint(value: number, spread: number): readonly [number, number, number] {
  return [value + spread, value, value + Math.floor(spread / 2)];
}

for (const { what, gray, color } of PICTURES) {
  Deno.test(`isGray() is ${gray} for ${what}`, () => {
    assert.equal(isGray(paint(100, 100, color)), gray);
  });
}
