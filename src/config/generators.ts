/**
 * Every generator by its name, and what kind of network its way down is: halvings of its own, as many as
 * `nDown`, or an encoder that halves five times.
 */
const generators = {
  "unet": "halvings",
  "resnet18": "resnet",
  "resnet34": "resnet",
  "ddcolor-tiny": "convnext",
} as const;

/** One of the generators. */
export type GeneratorName = keyof typeof generators;

/** What a generator's way down is. */
export type GeneratorKind = typeof generators[GeneratorName];

/** One whose way down is a residual network, of the same name in torchvision. */
type ResidualName = {
  [Name in GeneratorName]: typeof generators[Name] extends "resnet" ? Name : never;
}[GeneratorName];

/** The names of all, the usual one first. */
export const generatorNames = Object.keys(generators) as [GeneratorName, ...GeneratorName[]];

/** The names of those whose way down is of these kinds. */
export function generatorsOf(
  ...kinds: readonly GeneratorKind[]
): readonly GeneratorName[] {
  return generatorNames.filter((name) => kinds.includes(generators[name]));
}

/** Whether a generator's way down is a residual network. */
export function isResidual(name: GeneratorName): name is ResidualName {
  return generators[name] === "resnet";
}

/** The sides of a generator's pictures are multiples of this, pixels. */
export function sideMultiple(
  { generator, nDown }: { readonly generator: GeneratorName; readonly nDown: number },
): number {
  return 2 ** (generators[generator] === "halvings" ? nDown : 5);
}
