import { Buffer } from "node:buffer";
import { type ErrorCode, type FieldViolation, TinctError } from "../errors.ts";
import { MAX_VIOLATIONS } from "../protocol/incoming_check.ts";
import { MAX_CLIENT_BYTES } from "../protocol/outgoing.ts";
import { fieldName } from "../protocol/training_options.ts";

/** How requests are refused for what they ask. */
const refusals: ReadonlySet<ErrorCode> = new Set([
  "invalid_argument",
  "not_found",
  "already_exists",
  "failed_precondition",
  "permission_denied",
]);

/** Collects what is wrong with a request, so that a client is told everything at once. */
export class Violations {
  /** At most `MAX_VIOLATIONS`. */
  readonly list: FieldViolation[] = [];
  /** The fields of `list`. */
  readonly #fields = new Set<string>();

  /** @param found what is known to be wrong already. */
  constructor(found: readonly FieldViolation[] = []) {
    this.add(found);
  }

  /** Notes that a field does not fit, unless `fits`, or something is wrong with it already. */
  check(fits: boolean, field: string, description: string): void {
    if (fits) return;
    const name = fieldName(field);
    if (!this.#fields.has(name)) this.#note({ field: name, description });
  }

  /** Notes what was found elsewhere, but for fields that are known to be wrong. */
  add(found: readonly FieldViolation[]): void {
    const others = found.filter(({ field }) => !this.#fields.has(fieldName(field)));
    for (const each of others) this.#note(each);
  }

  /** Notes a field that must not be empty. */
  required(value: unknown, field: string): void {
    const isMissing = value === "" || value === null || value === undefined;
    this.check(!isMissing, field, "is required");
  }

  /** Notes a number outside of its range. */
  range(value: number, field: string, [min, max]: readonly [number, number], unit = ""): void {
    const fits = Number.isFinite(value) && value >= min && value <= max;
    const what = unit === "" ? "" : ` ${unit}`;
    this.check(fits, field, `must be from ${min} to ${max}${what}, not ${value}`);
  }

  /**
   * Does what may be refused, and notes why it was.
   *
   * @param field that the refusal is about, where it names none itself.
   * @returns undefined where it was refused.
   * @throws what is no refusal of the request.
   */
  async gather<T>(field: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TinctError) || !refusals.has(error.code)) throw error;
      if (error.violations.length > 0) this.add(error.violations);
      else this.check(false, field, `cannot be used: ${asClause(error.message)}`);
      return undefined;
    }
  }

  #note(violation: FieldViolation): void {
    if (this.list.length >= MAX_VIOLATIONS) return;
    this.list.push(violation);
    this.#fields.add(fieldName(violation.field));
  }

  /** Throws `invalid_argument` that names them all, where there are some. */
  refuse(): void {
    if (this.list.length === 0) return;
    const list = this.list.map(({ field, description }) => `${fieldName(field)} ${description}`)
      .join("; ");
    throw new TinctError("invalid_argument", `The request is invalid: ${list}.`, {
      violations: this.list,
    });
  }
}

/** A sentence as the end of another one: without its full stop and, but for names, its capital. */
function asClause(sentence: string): string {
  return sentence.replace(/\.$/, "")
    .replace(/^[A-Z][a-z]*(?=[\s,])/, (word) => word.toLowerCase());
}

/**
 * Looks for what is wrong with a page's token where something else is wrong with the request.
 *
 * @param read refuses a page that does not fit.
 */
export function findTokenFault<Request extends { readonly pageToken: string }>(
  read: (
    page: { readonly pageSize: number; readonly pageToken: string },
    request: Request,
  ) => unknown,
): (request: Request, violations: Violations) => Promise<void> {
  return async (request, violations) => {
    const { pageToken } = request;
    if (pageToken === "") return;
    await violations.gather(
      "page_token",
      async () => await read({ pageSize: 1, pageToken }, request),
    );
  };
}

/** The most bytes of a page's entries, which clients take by default with what is around them. */
const MAX_PAGE_BYTES = MAX_CLIENT_BYTES - 512 * 1024;

/**
 * Reads a page, with fewer entries than were asked for where so many make too large an answer.
 *
 * @param read makes the answer of a page.
 */
export async function fitPage<T extends object>(
  page: { readonly pageSize: number; readonly pageToken: string },
  read: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<T>,
): Promise<T> {
  for (let { pageSize } = page;; pageSize = Math.ceil(pageSize / 4)) {
    const answer = await read({ ...page, pageSize });
    // As JSON it is larger than in the protos' format: fields have their names there.
    if (pageSize <= 1 || Buffer.byteLength(JSON.stringify(answer)) <= MAX_PAGE_BYTES) return answer;
  }
}

/** A page as the store takes it; 0 entries mean the default. */
export function pageOf(
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
  defaultSize = 50,
): { pageSize: number; pageToken: string } {
  return { pageSize: pageSize === 0 ? defaultSize : pageSize, pageToken };
}
