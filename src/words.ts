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
