/** A tensor's name and shape, of a model or of a file. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** The settings that decide a network's shapes, by the names under which a person sets them. */
export interface SettingNames {
  /** The number of filters: `ngf` or `ndf`. */
  readonly width: string;
  /** The number of levels: `nDown` or `nLayers`. */
  readonly depth: string;
}

/** So many differing tensors are named, the others counted. */
const MAX_NAMED = 3;

/**
 * Compares what a model needs with what a file has.
 *
 * @param expected the model's tensors.
 * @param found the file's tensors.
 * @param options `settings`: when given, the sentence ends with which of them seems to differ.
 * @returns the first differences in a sentence's length, to be put after "PATH is of another
 *   configuration: "; undefined when there are none.
 */
export function compareTensorSpecs(
  expected: readonly TensorSpec[],
  found: readonly TensorSpec[],
  { settings }: { settings?: SettingNames } = {},
): string | undefined {
  const foundByName = new Map(found.map((spec) => [spec.name, spec]));
  const expectedNames = new Set(expected.map(({ name }) => name));
  const missing = expected.filter(({ name }) => !foundByName.has(name)).map(({ name }) => name);
  const unexpected = found.filter(({ name }) => !expectedNames.has(name)).map(({ name }) => name);
  const reshaped = expected.flatMap(({ name, shape }) => {
    const other = foundByName.get(name);
    if (!other || sameShape(shape, other.shape)) return [];
    return [`${name} is [${other.shape}] instead of [${shape}]`];
  });
  const differences = [
    list("missing", missing),
    list("unexpected", unexpected),
    list("of another shape", reshaped),
  ].filter((text) => text !== "");
  if (differences.length === 0) return undefined;
  const hint = settings ? describeSettings(expected, found, settings) : "";
  return `${differences.join("; ")}${hint}`;
}

/** Whether two shapes are the same. */
export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((dimension, index) => dimension === b[index]);
}

function list(label: string, items: readonly string[]): string {
  if (items.length === 0) return "";
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : "";
  return `${label}: ${items.slice(0, MAX_NAMED).join(", ")}${more}`;
}

/** Guesses from the convolutions (the tensors of rank 4) which setting the file was made with. */
function describeSettings(
  expected: readonly TensorSpec[],
  found: readonly TensorSpec[],
  { width, depth }: SettingNames,
): string {
  const ours = convolutions(expected);
  const theirs = convolutions(found);
  const [ourFirst, theirFirst] = [ours[0]?.shape[0], theirs[0]?.shape[0]];
  const hints: string[] = [];
  if (ours.length !== theirs.length) {
    hints.push(
      `${depth} differs, as it has ${theirs.length} convolutions instead of ${ours.length}`,
    );
  }
  if (ourFirst !== undefined && theirFirst !== undefined && ourFirst !== theirFirst) {
    hints.push(`${width} is ${theirFirst} there and ${ourFirst} here`);
  }
  return hints.length > 0 ? ` (it seems that ${hints.join(", and ")})` : "";
}

/** The convolutions in the order of the layers: the first one has as many filters as the width. */
function convolutions(specs: readonly TensorSpec[]): TensorSpec[] {
  const collator = new Intl.Collator("en", { numeric: true });
  return specs.filter(({ shape }) => shape.length === 4)
    .sort((a, b) => collator.compare(a.name, b.name));
}
