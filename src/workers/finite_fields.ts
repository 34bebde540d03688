/**
 * A message without the numbers that are not finite, such as a loss that has become NaN: a field that
 * is absent says that there is no number.
 */
export function finiteFields<T extends object>(message: T): T {
  return Object.fromEntries(
    Object.entries(message).filter(([, value]) =>
      typeof value !== "number" || Number.isFinite(value)
    ),
  ) as T;
}
