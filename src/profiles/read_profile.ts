import { TinctError } from "../errors.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from "../files/strict_json.ts";
import type { ColorProfile } from "./color_profile.ts";

/** A profile that may leave the side to the network, which then says it. */
export type WishedProfile = Omit<ColorProfile, "size"> & { readonly size?: number | undefined };

/** Sides of squares, pixels. */
const sizes = [16, 2048] as const;

/** The longest profile that is read, in characters. */
export const MAX_PROFILE_LENGTH = 4000;

/**
 * Reads a profile of its JSON (docs/models.md).
 *
 * @throws {TinctError} invalid_argument, with all that is wrong; its violations name the fields, such as
 *   "input.range".
 */
export function readProfile(text: string): WishedProfile {
  const faults = new Faults();
  let value: JsonValue = null;
  try {
    if (text.length > MAX_PROFILE_LENGTH) {
      throw new SyntaxError(`it has ${text.length} characters, and may have ${MAX_PROFILE_LENGTH}`);
    }
    value = parseStrictJson(text, { maxDepth: 4 });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    faults.add("", `is no JSON: ${error.message}`);
    faults.refuse();
  }
  const all = faults.object(value, "", ["size", "input", "hints", "output", "keep"]);
  const size = faults.size(all["size"]);
  const input = faults.object(all["input"], "input", ["photo", "channels", "range", "mean", "std"]);
  const photo = faults.oneOf(input["photo"], "input.photo", ["lightness", "gray", "luma"]);
  const channels = faults.oneOf(input["channels"], "input.channels", [1, 3]);
  const output = faults.object(all["output"], "output", ["colors", "range", "mean", "std"]);
  const colors = faults.oneOf(output["colors"], "output.colors", ["ab", "rgb"]);
  const hasHints = all["hints"] !== undefined;
  const hints = hasHints ? faults.object(all["hints"], "hints", ["range"]) : {};
  const keep = faults.oneOf(
    all["keep"] ?? (colors === "rgb" ? "luma" : "lightness"),
    "keep",
    ["lightness", "luma"],
  );
  if (photo === "lightness" && channels === 3) faults.add("input.channels", "must be 1: L* is one");
  if (colors === "ab" && keep === "luma") {
    faults.add("keep", 'must be "lightness": a and b go with L*');
  }
  if (colors === "ab") {
    for (const name of ["mean", "std"]) {
      if (output[name] !== undefined) faults.add(`output.${name}`, "applies only to rgb");
    }
  }
  const read = {
    size,
    input: {
      photo,
      channels,
      range: faults.range(input["range"], "input.range"),
      ...faults.norm(input, "input", channels),
    },
    ...(hasHints && { hints: { range: faults.range(hints["range"], "hints.range") } }),
    output: {
      colors,
      range: faults.range(output["range"], "output.range"),
      ...(colors === "rgb" && faults.norm(output, "output", 3)),
    },
    keep,
  };
  faults.refuse();
  return read;
}

/** As `readProfile`, of one that says its size. */
export function readWholeProfile(text: string): ColorProfile {
  const { size, ...profile } = readProfile(text);
  if (size !== undefined) return { ...profile, size };
  throw new TinctError("invalid_argument", "The profile is wrong: size is missing.", {
    violations: [{ field: "profile.size", description: "is missing" }],
  });
}

/** A profile as JSON, which `readProfile` reads. */
export function profileJson(profile: ColorProfile): string {
  return JSON.stringify(profile);
}

/** What is wrong with a profile; what is read meanwhile stands in for what is not there. */
class Faults {
  readonly #list: { readonly field: string; readonly description: string }[] = [];

  add(field: string, description: string): void {
    this.#list.push({ field, description });
  }

  object(
    value: JsonValue | undefined,
    field: string,
    known: readonly string[],
  ): Partial<JsonObject> {
    if (!isJsonObject(value)) {
      this.add(field, value === undefined ? "is missing" : "must be an object");
      return {};
    }
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      this.add(joined(field, key), `is not known; there are ${known.join(", ")}`);
    }
    return value;
  }

  oneOf<const T extends string | number>(
    value: JsonValue | undefined,
    field: string,
    choices: readonly T[],
  ): T {
    const found = choices.find((each) => each === value);
    if (found !== undefined) return found;
    this.add(
      field,
      `must be ${choices.map((each) => JSON.stringify(each)).join(" or ")}, not ${told(value)}`,
    );
    return choices[0]!;
  }

  size(value: JsonValue | undefined): number | undefined {
    if (value === undefined) return undefined;
    const [min, max] = sizes;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    this.add("size", `must be a whole number from ${min} to ${max}, not ${told(value)}`);
    return undefined;
  }

  range(value: JsonValue | undefined, field: string): [number, number] {
    if (Array.isArray(value)) {
      const [low, high, ...more] = value;
      const isRange = isNumber(low) && isNumber(high) && low !== high && more.length === 0;
      if (isRange) return [low, high];
    }
    this.add(field, `must be two numbers that differ, not ${told(value)}`);
    return [0, 1];
  }

  norm(object: Partial<JsonObject>, field: string, channels: number) {
    const read = (name: string, fits: (value: number) => boolean, what: string) => {
      const value = object[name];
      if (value === undefined) return undefined;
      const isList = Array.isArray(value) && value.length === channels &&
        value.every((each) => isNumber(each) && fits(each));
      if (isList) return value as number[];
      this.add(
        joined(field, name),
        `must be ${channels} ${what}, one for each channel, not ${told(value)}`,
      );
      return undefined;
    };
    const mean = read("mean", () => true, "numbers");
    const std = read("std", (value) => value > 0, "numbers above 0");
    return { ...(mean && { mean }), ...(std && { std }) };
  }

  refuse(): void {
    if (this.#list.length === 0) return;
    const all = this.#list.map(({ field, description }) =>
      `${field === "" ? "it" : field} ${description}`
    );
    throw new TinctError("invalid_argument", `The profile is wrong: ${all.join("; ")}.`, {
      violations: this.#list.map(({ field, description }) => ({
        field: joined("profile", field),
        description,
      })),
    });
  }
}

function joined(outer: string, name: string): string {
  return outer === "" || name === "" ? outer + name : `${outer}.${name}`;
}

function isNumber(value: JsonValue | undefined): value is number {
  return typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= 1e6;
}

function told(value: JsonValue | undefined): string {
  return value === undefined ? "missing" : JSON.stringify(value).slice(0, 60);
}
