import { contradictionsOf } from "./contradictions.ts";
import { type GeneratorName, sideMultiple } from "./generators.ts";

/** What decides the shapes of pictures and networks. */
interface ShapeOptions {
  readonly size: number;
  readonly generator: GeneratorName;
  readonly nDown: number;
  readonly nLayers: number;
  readonly batchSize: number;
  readonly crop: number;
  readonly rotate: number;
}

/** The side of the discriminator's patch map for inputs of side `size`: 4x4 kernels padded by 1. */
export function patchSide(size: number, nLayers: number): number {
  let side = Math.floor(size / 2); // the first layer, stride 2
  for (let layer = 1; layer < nLayers; layer++) side = Math.floor(side / 2);
  return side - 2; // two layers of stride 1
}

/** The share of a square's area in the largest square inside that is turned by so many degrees. */
function largestTurnedShare(degrees: number): number {
  const angle = degrees * Math.PI / 180;
  return 1 / (Math.cos(angle) + Math.sin(angle)) ** 2;
}

const contradiction = contradictionsOf<ShapeOptions>();

/** What pictures and networks of these shapes cannot be. */
export const shapeContradictions = [
  contradiction(["size", "generator", "nDown"], ({ size, generator, nDown }, nameOf) => {
    const multiple = sideMultiple({ generator, nDown });
    if (size % multiple === 0) return undefined;
    const below = Math.floor(size / multiple) * multiple;
    const fitting = below > 0 ? `${below} or ${below + multiple}` : `${multiple}`;
    return {
      field: "size",
      description: generator === "unet"
        ? `must be a multiple of ${multiple}, which the U-Net halves ${nDown} times, ` +
          `not ${size}: take ${fitting}, or a smaller ${nameOf("nDown")}`
        : `must be a multiple of ${multiple}, which ${generator} halves 5 times, not ${size}: ` +
          `take ${fitting}`,
    };
  }),
  contradiction(["size", "generator", "nDown", "nLayers"], (values) => {
    const { size, nLayers } = values;
    // Of a size that cannot be the other one tells.
    if (size % sideMultiple(values) !== 0 || patchSide(size, nLayers) >= 1) return undefined;
    return {
      field: "nLayers",
      description: `of ${nLayers} leaves no patch of a ${size} pixel picture: take fewer layers`,
    };
  }),
  contradiction(["size", "generator", "batchSize"], ({ size, generator, batchSize }, nameOf) => {
    if (generator === "unet" || size > 32 || batchSize > 1) return undefined;
    return {
      field: "batchSize",
      description: `must be at least 2 with ${nameOf("generator")} ${generator} and ${
        nameOf("size")
      } ${size}, not ${batchSize}: its deepest batch norms would see a single pixel`,
    };
  }),
  contradiction(["crop", "rotate"], ({ crop, rotate }, nameOf) => {
    const uncropped = largestTurnedShare(rotate);
    if (crop === 1 || crop <= uncropped) return undefined;
    const fitting = Math.floor(uncropped * 100) / 100;
    return {
      field: "crop",
      description: `of ${crop} contradicts ${nameOf("rotate")}: a photo turned by ${rotate} ` +
        `degrees has ${fitting} of its area left without empty corners; take at most ${fitting}, ` +
        "or 1 for as much as fits",
    };
  }),
];
