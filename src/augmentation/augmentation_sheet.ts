import type { Engine } from "../engine/engine.ts";
import type { SheetRow } from "../drawing/sample_sheet.ts";
import type { AugmentationConfig } from "./augment.ts";
import { plainAugmentation, previewAugmentation } from "./preview.ts";

/** What a row of the sheet is called and says of its option. */
interface Row {
  readonly heading: string;
  readonly detail: string;
  readonly config: AugmentationConfig;
  /** Which picture of a photo is shown. */
  readonly shows: "target" | "seen";
}

/** The rows of one photo's part of the sheet: an option each, then all of them together. */
export function describeRows(config: AugmentationConfig): Row[] {
  const { crop, rotate, saturationJitter, whiteBalanceJitter, blur, grain, cutout, spectralFilm } =
    config;
  const percent = (share: number) => Math.round(share * 100);
  const rounded = (value: number) => Number(value.toFixed(2));
  const onlyL = "on L alone; the colours to predict stay";
  const about: Record<keyof AugmentationConfig, [heading: string, detail: string]> = {
    flip: ["flip", "half of the photos are mirrored"],
    crop: [`crop ${crop}`, `windows of ${percent(crop)} to 100 % of the area, from 3:4 to 4:3`],
    rotate: [
      `rotate ${rotate}`,
      `turned by up to ${rotate}°: the largest square without empty corners`,
    ],
    saturationJitter: [
      `saturation jitter ${saturationJitter}`,
      `ab times ${rounded(1 - saturationJitter)} to ${
        rounded(1 + saturationJitter)
      }: changes the target`,
    ],
    whiteBalanceJitter: [
      `white balance jitter ${whiteBalanceJitter}`,
      `white moves by up to ${whiteBalanceJitter} in a and in b: changes the target`,
    ],
    blur: [`blur ${blur}`, `sigma up to ${blur} pixels, ${onlyL}`],
    grain: [`grain ${grain}`, `noise of up to ${grain} units, ${onlyL}`],
    spectralFilm: [
      `spectral film ${spectralFilm}`,
      `${percent(spectralFilm)} % of the photos as another film or a filter saw them, ${onlyL}`,
    ],
    cutout: [`cutout ${cutout}`, `holes of up to ${percent(cutout)} % of a side, ${onlyL}`],
  };
  const isOn = (name: keyof AugmentationConfig) => config[name] !== plainAugmentation[name];
  const names = (Object.keys(about) as (keyof AugmentationConfig)[]).filter(isOn);
  const single = names.map((name): Row => ({
    heading: about[name][0],
    detail: about[name][1],
    config: { ...plainAugmentation, [name]: config[name] },
    shows: isOfL(name) ? "seen" : "target",
  }));
  if (names.length < 2) return single;
  const seen = "the L that generator and discriminator see";
  return [
    ...single,
    { heading: "all together", detail: "the colours to predict", config, shows: "target" },
    { heading: "all together", detail: seen, config, shows: "seen" },
  ];
}

function isOfL(name: keyof AugmentationConfig): boolean {
  return ["blur", "grain", "cutout", "spectralFilm"].includes(name);
}

/**
 * The rows for one photo: itself, then as training would see it.
 *
 * @param photo sRGB bytes, [size, size, 3].
 * @param options `draws`: how many times each row shows it changed; `step`: another one for each photo.
 */
export async function augmentationRows(
  engine: Engine,
  photo: Uint8Array,
  rows: readonly Row[],
  { draws: count, ...options }: {
    readonly size: number;
    readonly draws: number;
    readonly seed: number;
    readonly step: number;
  },
): Promise<SheetRow[]> {
  const plain = await previewAugmentation(engine, photo, plainAugmentation, {
    ...options,
    count: 1,
  });
  const made: SheetRow[] = [];
  for (const { heading, detail, config, shows } of rows) {
    const changed = await previewAugmentation(engine, photo, config, { ...options, count });
    const pictures = [...plain, ...changed].map((each) => each[shows]);
    made.push({ heading, detail, pictures });
  }
  return made;
}
