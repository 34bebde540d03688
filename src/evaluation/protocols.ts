import type { Tensor } from "@tensorflow/tfjs";
import { absoluteColorfulness, colorfulness } from "../color/colorfulness.ts";
import type { PreparePhotosOptions } from "../prepared/prepare_photos.ts";
import { type Metric, metrics } from "./compare_models.ts";
import type { PixelRange } from "./picture_features.ts";

/** What an evaluation measures, so that its numbers can stand beside others' of the same protocol. */
export interface EvaluationProtocol {
  readonly name: "tinct" | "ddcolor";
  /** Side of the compared squares, in pixels; undefined: the model's own. */
  readonly size: number | undefined;
  /** How photos are squashed. */
  readonly filter: NonNullable<PreparePhotosOptions["filter"]>;
  /** How photos come to that size, in words: for programs, and for people as a part of a sentence. */
  readonly resize: string;
  readonly resizedBy: string;
  /** How colourfulness is counted, in words. */
  readonly counting: string;
  /** What FID's network is given; undefined: what the user says. */
  readonly range: PixelRange | undefined;
  readonly metrics: readonly Metric[];
  /** How colourful pictures are; see `measurePictures`. */
  readonly colorfulness: (rgb: Tensor) => Tensor;
}

/** The metrics, in their order, but one. */
function metricsBut(left: Metric["name"]): Metric[] {
  return metrics.filter(({ name }) => name !== left);
}

/** Every protocol. The first is the default. */
export const evaluationProtocols: Readonly<Record<EvaluationProtocol["name"], EvaluationProtocol>> =
  {
    tinct: {
      name: "tinct",
      size: undefined,
      filter: "triangle",
      resize: "squash, triangle filter",
      resizedBy: "by a triangle filter",
      counting: "colourfulness M3 of Hasler and Suesstrunk",
      range: undefined,
      metrics: metricsBut("colorfulnessDifference"),
      colorfulness,
    },
    // Kang et al., 2023, and what their code does: its `LabDataset`, `calculate_cf` and FID's network.
    ddcolor: {
      name: "ddcolor",
      size: 256,
      filter: "bilinear",
      resize: "squash, bilinear without antialiasing, as OpenCV's resize",
      resizedBy: "bilinear without antialiasing, as OpenCV's resize",
      counting: "colourfulness with absolute opponent channels, as DDColor's code; ΔCF is the " +
        "difference of the mean colourfulnesses",
      range: "ddcolor",
      metrics: metricsBut("colorfulnessRatio"),
      colorfulness: absoluteColorfulness,
    },
  };
