import { type FieldViolation, TinctError } from "../errors.ts";
import { fieldName } from "../protocol/training_options.ts";

/** Collects what is wrong with a request, so that a client is told everything at once. */
export class Violations {
  readonly list: FieldViolation[] = [];

  /** Notes that a field does not fit, unless `fits`. */
  check(fits: boolean, field: string, description: string): void {
    if (!fits) this.list.push({ field, description });
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

  /** Throws `invalid_argument` that names them all, where there are some. */
  refuse(): void {
    if (this.list.length === 0) return;
    const list = this.list.map(({ field, description }) => `${fieldName(field)} ${description}`)
      .join("; ");
    throw new TinctError("invalid_argument", `The request does not fit: ${list}.`, {
      violations: this.list,
    });
  }
}

/** Throws unless a request names its job, model or dataset. */
export function requireField(value: string, field: string): void {
  const violations = new Violations();
  violations.required(value, field);
  violations.refuse();
}

/** A page as the store takes it; 0 entries mean the default. */
export function pageOf(
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
  defaultSize = 50,
): { pageSize: number; pageToken: string } {
  return { pageSize: pageSize === 0 ? defaultSize : pageSize, pageToken };
}
