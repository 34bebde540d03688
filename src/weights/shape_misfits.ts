import { type GeneratorKind, generatorsOf } from "../config/generators.ts";
import type { FieldViolation } from "../errors.ts";
import { shapeOptions } from "./inspect_weights.ts";

/** One of the options that decide which tensors a generator has. */
type ShapeOption = typeof shapeOptions[number];

/**
 * The options by which a generator's weights are of another shape than a configuration's.
 *
 * @param shape the weights' own; its `generator` must be known.
 * @param config the configuration, or what of it was given.
 * @param wordOf a value as it is called where this is read.
 */
export function shapeMisfits(
  shape: Readonly<Partial<Record<ShapeOption, unknown>>>,
  config: Readonly<Partial<Record<ShapeOption, unknown>>>,
  wordOf: (option: ShapeOption, value: unknown) => string = (_, value) => String(value),
): FieldViolation[] {
  const isOf = (kind: GeneratorKind) => generatorsOf(kind).some((name) => name === shape.generator);
  const told = shapeOptions.filter((name) => {
    const [is, has] = [config[name], shape[name]];
    if (is === undefined || has === undefined || is === has) return false;
    if (name === "nDown") return isOf("halvings");
    if (name === "decoderNorm") return isOf("resnet");
    return name !== "hints" || is !== true; // of hints a generator may learn later
  });
  // Of another kind of generator the others say nothing.
  return (told[0] === "generator" ? told.slice(0, 1) : told).map((field) => {
    const [is, has] = [config, shape].map(({ [field]: value }) => wordOf(field, value));
    return { field, description: `is ${is}, and the weights have ${has}: give the same value` };
  });
}
