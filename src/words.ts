/** A whole number with its thousands parted: "12,345". */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count and what is counted: "1 photo", "12,345 photos". */
export function counted(count: number, singular: string): string {
  return `${formatCount(count)} ${singular}${count === 1 ? "" : "s"}`;
}

/**
 * The beginning of a sentence whose verb agrees with the count: "1 photo is", "2 photos are".
 *
 * @param verb for one and for several, such as `["is", "are"]`.
 */
export function countedWith(
  count: number,
  singular: string,
  [one, several]: readonly [one: string, several: string],
): string {
  return `${counted(count, singular)} ${count === 1 ? one : several}`;
}

/** One of several words: "a", "a or b", "a, b or c". */
export function either(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}

/** A number of bytes in decimal units, three digits: "0 B", "8.32 kB", "412 MB", "1.50 GB". */
export function formatBytes(sizeBytes: number): string {
  if (Math.abs(sizeBytes) < 1000) return `${Math.round(sizeBytes)} B`;
  let value = sizeBytes, unit = "";
  for (unit of ["kB", "MB", "GB", "TB"]) {
    value /= 1000;
    if (Math.abs(value) < 999.5) break;
  }
  return `${threeDigits(value)} ${unit}`;
}

/** A number of bytes in MiB, as limits of the server are given: "0.5", "12.0". */
export function mebibytes(sizeBytes: number): string {
  return (sizeBytes / 2 ** 20).toFixed(1);
}

/** Units of bytes, the largest first, and the decimals that sentences give them. */
const byteUnits = [["TB", 1e12, 2], ["GB", 1e9, 2], ["MB", 1e6, 1], ["kB", 1e3, 0], [
  "bytes",
  1,
  0,
]] as const;

/**
 * What is needed, rounded up, and what there is of it, rounded down, in the same unit: where there is
 * too little the two never read equal.
 *
 * @returns such as `["1.2 MB", "1.1 MB"]`.
 */
export function neededAndThere(
  neededBytes: number,
  thereBytes: number,
): [needed: string, there: string] {
  const [unit, size, decimals] = byteUnits.find(([, size]) => neededBytes >= size) ?? byteUnits[4];
  const steps = 10 ** decimals;
  const show = (rounded: number) => {
    const [whole = "0", part = ""] = (rounded / steps).toFixed(decimals).split(".");
    return `${formatCount(Number(whole))}${part === "" ? "" : `.${part}`} ${unit}`;
  };
  return [
    show(Math.ceil(neededBytes / size * steps)),
    show(Math.floor(thereBytes / size * steps)),
  ];
}

/** A number below 1000 with three digits: "0.52", "8.32", "41.2", "412". */
export function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}
