import type { Option } from "../../web_parts/contract/messages.ts";
import { optionWord } from "../../web_parts/option_words.ts";

/** What an option of a sweep may be, as the contract has it. */
type Domain =
  | { readonly values: { readonly values: readonly object[] } }
  | {
    readonly range: {
      readonly min: number;
      readonly max: number;
      readonly logarithmic?: true;
      readonly points?: number;
    };
  };

const range = /^(\S+)\s+to\s+(\S+?)(\s+log)?(?:\s+in\s+(\d+))?$/;

/**
 * Reads "8, 16, 32", "lsgan, hinge", "true, false" or a range: "0.0001 to 0.01", "0.0001 to 0.01 log",
 * for a grid "0.0001 to 0.01 log in 5".
 *
 * @returns a sentence's end where it is none of them.
 */
export function readDomain(text: string, { kind, choices = [] }: Option): Domain | string {
  const [, from, to, isLogarithmic, points] = range.exec(text.trim()) ?? [];
  if (from !== undefined && to !== undefined) {
    const [min, max] = [Number(from), Number(to)];
    if (!Number.isFinite(min) || !Number.isFinite(max)) return "must have numbers at both ends";
    return {
      range: {
        min,
        max,
        ...(isLogarithmic !== undefined && { logarithmic: true }),
        ...(points !== undefined && { points: Number(points) }),
      },
    };
  }
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  if (parts.length === 0) {
    return "needs values, such as 8, 16, or a range, such as 0.001 to 0.1 log";
  }
  const values: object[] = [];
  for (const part of parts) {
    if (kind === "OPTION_KIND_CHOICE") {
      const words = choices.map(optionWord);
      if (!words.includes(part)) return `has no ${JSON.stringify(part)}: give ${words.join(", ")}`;
      values.push({ word: part });
    } else if (kind === "OPTION_KIND_BOOLEAN") {
      if (part !== "true" && part !== "false") return "must be true, false";
      values.push({ flag: part === "true" });
    } else if (!Number.isFinite(Number(part))) {
      return `must be numbers, not ${JSON.stringify(part)}`;
    } else values.push({ number: Number(part) });
  }
  return { values: { values } };
}
