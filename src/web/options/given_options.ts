import type { Option } from "../../web_parts/contract/messages.ts";
import { optionWord } from "../../web_parts/option_words.ts";
import { flagOf, optionName } from "../../web_parts/words.ts";

/** What was typed, as the contract takes it, and what is no number at all. */
export function readGiven(
  options: readonly Option[],
  given: Readonly<Record<string, string>>,
): { config: Record<string, string | number | boolean>; unreadable: Map<string, string> } {
  const config: Record<string, string | number | boolean> = {};
  const unreadable = new Map<string, string>();
  for (const [field, text] of Object.entries(given)) {
    const kind = options.find(({ name }) => name === field)?.kind;
    const name = optionName(field);
    if (kind === "OPTION_KIND_CHOICE") config[name] = text;
    else if (kind === "OPTION_KIND_BOOLEAN") config[name] = text === "true";
    else if (text.trim() === "" || !Number.isFinite(Number(text))) {
      unreadable.set(field, `must be a number, not ${JSON.stringify(text)}`);
    } else if (kind === "OPTION_KIND_INTEGER" && !Number.isSafeInteger(Number(text))) {
      unreadable.set(field, `must be a whole number, not ${text}`);
    } else config[name] = Number(text);
  }
  return { config, unreadable };
}

/** "set=baseline, quick" to labels by name. */
export function readLabels(text: string): Record<string, string> {
  const parts = text.split(",").map((part) => part.trim()).filter((part) => part !== "");
  return Object.fromEntries(parts.map((part) => {
    const at = part.indexOf("=");
    return at < 0 ? [part, ""] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
  }));
}

/** The command that starts the same training from a terminal. */
export function commandOf(
  dataset: string,
  options: readonly Option[],
  given: Readonly<Record<string, string>>,
): string {
  const flags = options.filter(({ name }) => given[name] !== undefined).map((option) => {
    const flag = flagOf(optionName(option.name));
    const value = given[option.name] ?? "";
    if (option.kind !== "OPTION_KIND_BOOLEAN") return `${flag} ${optionWord(value)}`;
    return value === "true" ? flag : flag.replace("--", "--no-");
  });
  return [`deno task tinct submit ${dataset || "DATASET"}`, ...flags].join(" \\\n  ");
}
