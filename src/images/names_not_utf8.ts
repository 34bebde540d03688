/** What a file's name has in place of bytes that are no UTF-8; the runtime gives no others. */
const REPLACEMENT = "\u{fffd}";

/** Said of a file or folder that cannot be opened by its name, to be read on after the name. */
export const NOT_UTF8 =
  "has a name that is not valid UTF-8; rename it, for instance with convmv -f latin1 -t utf8";

/**
 * Whether a name may have been bytes that are no UTF-8. Such a file cannot be opened: the runtime
 * knows it by this name alone, under which nothing lies. A name may also have the character itself in
 * it; then the file is there.
 */
export function isNotUtf8(name: string): boolean {
  return name.includes(REPLACEMENT);
}
