import { contradictionsOf } from "./contradictions.ts";

/** What a DDColor is made by, or cannot have. */
interface DdcolorOptions {
  readonly generator: string;
  readonly ngf: number;
  readonly nDown: number;
  readonly dropout: number;
  readonly decoderNorm: string;
  readonly encoderNorm: string;
  readonly hints: boolean;
}

const contradiction = contradictionsOf<DdcolorOptions>();

/** What DDColor cannot be: its depths, norms and inputs are those of its published weights. */
export const ddcolorContradictions = [
  contradiction(["generator", "ngf"], ({ generator, ngf }, nameOf) => {
    if (generator !== "ddcolor-tiny" || ngf % 2 === 0) return undefined;
    return {
      field: "ngf",
      description: `must be an even number with ${nameOf("generator")} ddcolor-tiny, not ${ngf}: ` +
        "64 is the published network, and another makes all widths in proportion",
    };
  }),
  without("nDown", (value) => value === 8, "8", "it halves pictures 5 times"),
  without("dropout", (value) => value === 0.5 || value === 0, "left out", "it drops nothing"),
  without("decoderNorm", (value) => value === "none", "none", "its decoder's norms are its own"),
  without("encoderNorm", (value) => value === "train", "train", "its encoder has no batch norms"),
  without("hints", (value) => value === false, "off", "it sees lightness alone"),
];

/** An option that a DDColor does not have: refused, since it would do nothing. */
function without<K extends "nDown" | "dropout" | "decoderNorm" | "encoderNorm" | "hints">(
  field: K,
  isLeft: (value: DdcolorOptions[K]) => boolean,
  wanted: string,
  why: string,
) {
  return contradiction(["generator", field], (values, nameOf) => {
    const value = values[field];
    if (values.generator !== "ddcolor-tiny" || isLeft(value)) return undefined;
    const given = typeof value === "boolean" ? (value ? "on" : "off") : value;
    return {
      field,
      description: `must be ${wanted} with ${
        nameOf("generator")
      } ddcolor-tiny, not ${given}: ${why}`,
    };
  });
}
