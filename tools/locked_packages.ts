/** A package that the lock file pins. */
export interface LockedPackage {
  /** As the lock file names it: with the packages that it was resolved beside. */
  readonly key: string;
  readonly name: string;
  readonly version: string;
  /** "sha512-" and base64. */
  readonly integrity: string;
  /** Keys of those that it needs, optional ones included. */
  readonly dependencies: readonly string[];
}

/** The part of deno.lock, version 5, that is read here. */
interface LockFile {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<
    Record<string, {
      readonly integrity: string;
      readonly dependencies?: readonly string[];
      readonly optionalDependencies?: readonly string[];
    }>
  >;
  readonly workspace: { readonly dependencies: readonly string[] };
}

/** The packages of a lock file, and the keys of those that the program itself asks for. */
export function lockedPackages(
  lock: LockFile,
): { readonly packages: readonly LockedPackage[]; readonly direct: readonly string[] } {
  if (lock.version !== "5") throw new Error(`deno.lock has version ${lock.version}, not 5.`);
  const keys = Object.keys(lock.npm);
  /** A dependency goes without what is plain: peers, and the version where there is one alone. */
  const find = (wanted: string): string => {
    const found = keys.filter((key) =>
      key === wanted || key.startsWith(`${wanted}_`) ||
      (!wanted.includes("@", 1) && partsOf(key).name === wanted)
    );
    const exact = found.find((key) => key === wanted) ?? found[0];
    if (exact === undefined) throw new Error(`deno.lock does not have ${wanted}.`);
    return exact;
  };
  const packages = Object.entries(lock.npm).map(([key, entry]) => {
    const needs = [...entry.dependencies ?? [], ...entry.optionalDependencies ?? []];
    return { key, ...partsOf(key), integrity: entry.integrity, dependencies: needs.map(find) };
  });
  const direct = lock.workspace.dependencies.map((specifier) => {
    const { name } = partsOf(specifier.replace(/^npm:/, ""));
    return find(`${name}@${lock.specifiers[specifier]}`);
  });
  return { packages, direct };
}

function partsOf(key: string): { readonly name: string; readonly version: string } {
  const at = key.indexOf("@", 1);
  const [version = ""] = key.slice(at + 1).split("_");
  return { name: key.slice(0, at), version };
}
