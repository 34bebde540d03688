import type { ScannedSource } from "./scan_source.ts";

/** A name that a file exports and no other file imports. */
interface UnusedExport {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly name: string;
}

/**
 * Finds exported names that nobody imports. A file that is imported as a whole (`import * as`,
 * `export *`, `import()`) has none.
 *
 * @param sources the files by path.
 * @param resolve the path of a relative import of a file.
 */
export function findUnusedExports(
  sources: ReadonlyMap<string, ScannedSource>,
  resolve: (file: string, specifier: string) => string,
): UnusedExport[] {
  const used = new Map<string, Set<string>>();
  for (const [file, { imports }] of sources) {
    for (const { specifier, names } of imports) {
      if (!specifier.startsWith(".")) continue;
      const target = resolve(file, specifier);
      const known = used.get(target) ?? new Set<string>();
      used.set(target, new Set([...known, ...names]));
    }
  }
  return [...sources].flatMap(([file, { exports }]) => {
    const names = used.get(file);
    if (names?.has("*")) return [];
    return exports.filter(({ name }) => !names?.has(name))
      .map(({ name, line }) => ({ file, line, name }));
  });
}
