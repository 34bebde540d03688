import { imageNet } from "../color/imagenet_facts.ts";

/** What a network that gives photos colours takes and gives, in the words of docs/models.md. */
export interface ColorProfile {
  /** Side of the square that it sees, pixels. */
  readonly size: number;
  /** What it sees of a photo. */
  readonly input: PhotoInput;
  /** How it takes colours that things are given, as two more inputs: ab and a mask; absent: it does not. */
  readonly hints?: HintsInput | undefined;
  readonly output: ColorOutput;
  /**
   * What of the photo stays while its colours are made. "lightness": L*, and the network's a and b.
   * "luma": Y of ITU-R BT.601, and the network's U and V, whose a and b are then taken. L* of every pixel
   * of the photo stays either way.
   */
  readonly keep: "lightness" | "luma";
}

/** What a network sees of a photo. */
interface PhotoInput {
  /** "lightness": L*; "gray": sRGB of the gray with that L*; "luma": Y of ITU-R BT.601. */
  readonly photo: "lightness" | "gray" | "luma";
  /** Channels, which are equal before they are normalized. */
  readonly channels: 1 | 3;
  /** What stands for black and for white. */
  readonly range: Range;
  /** For each channel: what is subtracted after that; default 0. */
  readonly mean?: readonly number[] | undefined;
  /** For each channel: what is divided by after that; default 1. */
  readonly std?: readonly number[] | undefined;
}

/** How a network takes colours that things are given. */
interface HintsInput {
  /** What stands for a or b of -110 and of 110; the mask is 1 where there is a hint, else 0. */
  readonly range: Range;
}

/** What a network gives. */
interface ColorOutput {
  readonly colors: "ab" | "rgb";
  /** What stands for -110 and 110 (ab), or for 0 and the full value (rgb). */
  readonly range: Range;
  /** Of rgb, for each channel: what was subtracted. */
  readonly mean?: readonly number[] | undefined;
  /** Of rgb, for each channel: what was divided by. */
  readonly std?: readonly number[] | undefined;
}

/** Two numbers that differ. */
type Range = readonly [low: number, high: number];

/** The profiles that have names. */
export const profileNames = ["ddcolor", "deoldify", "siggraph17", "eccv16"] as const;

/** One of `profileNames`. */
export type ProfileName = typeof profileNames[number];

/** ImageNet's, in the words of a profile. */
const imagenet = { mean: imageNet.mean, std: imageNet.deviation };

/**
 * What the authors' own code gives and takes: piddnad/DDColor `ddcolor/pipeline.py`, jantic/DeOldify
 * `deoldify/filters.py`, richzhang/colorization `colorizers/`. The sizes are their defaults.
 */
export const namedProfiles: Readonly<Record<ProfileName, ColorProfile>> = {
  ddcolor: {
    size: 512,
    input: { photo: "gray", channels: 3, range: [0, 1] },
    output: { colors: "ab", range: [-110, 110] },
    keep: "lightness",
  },
  deoldify: {
    size: 560,
    input: { photo: "luma", channels: 3, range: [0, 1], ...imagenet },
    output: { colors: "rgb", range: [0, 1], ...imagenet },
    keep: "luma",
  },
  siggraph17: {
    size: 256,
    input: { photo: "lightness", channels: 1, range: [0, 100] },
    hints: { range: [-110, 110] },
    output: { colors: "ab", range: [-110, 110] },
    keep: "lightness",
  },
  eccv16: {
    size: 256,
    input: { photo: "lightness", channels: 1, range: [0, 100] },
    output: { colors: "ab", range: [-110, 110] },
    keep: "lightness",
  },
};

/** Whether a text is the name of a profile. */
export function isProfileName(text: string): text is ProfileName {
  return (profileNames as readonly string[]).includes(text);
}
