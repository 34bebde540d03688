/** `"QUEUED"` out of `"JOB_STATE_QUEUED"`, without the zero value. */
type Word<Prefix extends string, Name> = Name extends `${Prefix}${infer W}`
  ? Exclude<W, "UNSPECIFIED">
  : never;

/**
 * The word of an enum's value without the prefix that protos need.
 *
 * @param prefix such as "JOB_STATE_".
 * @param name what a message holds; a value that this version does not know comes as its number.
 * @returns such as "QUEUED"; undefined for the zero value and for unknown ones.
 */
export function wordOf<Prefix extends string, Name extends string>(
  prefix: Prefix,
  name: Name | number,
): Word<Prefix, Name> | undefined {
  if (typeof name !== "string" || !name.startsWith(prefix)) return undefined;
  const word = name.slice(prefix.length);
  return word === "UNSPECIFIED" ? undefined : word as Word<Prefix, Name>;
}
