import type { Parameters } from "../operations/operation.ts";

/** A query as PostgreSQL takes it. */
export interface CompiledQuery {
  /** With `$1`, `$2`, … */
  readonly sql: string;
  /** The parameter's name for each of them. */
  readonly names: readonly string[];
}

/** Turns `:name` into `$1`; `::type` stays. */
export function compileQuery(sql: string): CompiledQuery {
  const names: string[] = [];
  const compiled = sql.replace(/(?<!:):([a-z_]+)/g, (_match, name: string) => {
    if (!names.includes(name)) names.push(name);
    return `$${names.indexOf(name) + 1}`;
  });
  return { sql: compiled, names };
}

/**
 * The values of a query's parameters, in its order. PostgreSQL's text cannot hold U+0000: U+FFFD takes
 * its place, so that what is told of a failure is never what fails. (In JSON it is written as an escape.)
 *
 * @throws {TypeError} for one that is missing.
 */
export function valuesOf({ names }: CompiledQuery, parameters: Parameters): unknown[] {
  return names.map((name) => {
    const value = parameters[name];
    if (value === undefined) throw new TypeError(`The parameter ${name} is missing.`);
    return typeof value === "string" ? value.replaceAll("\0", "\ufffd") : value;
  });
}
