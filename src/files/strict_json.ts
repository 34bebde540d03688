import { messageOf } from "../errors.ts";

/** A value that JSON can hold without loss. */
export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** A JSON object. */
export type JsonObject = { [name: string]: JsonValue };

/**
 * Parses JSON from a file nobody vouches for. Stricter than JSON.parse, which lets the last of two
 * equal keys win and builds arrays of any depth.
 *
 * @param text the JSON text.
 * @param options `maxDepth`: how deep objects and arrays may nest (the outermost is 1).
 * @throws {SyntaxError} when the text is no JSON, nests deeper, or an object has the same key twice.
 */
export function parseStrictJson(text: string, { maxDepth }: { maxDepth: number }): JsonValue {
  // One entry for each open bracket: the keys seen in an object, undefined for an array.
  const open: (Set<string> | undefined)[] = [];
  let atKey = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (atKey) {
        const key = parse(text.slice(at, end));
        const keys = open.at(-1);
        if (typeof key === "string" && keys !== undefined) {
          if (keys.has(key)) throw new SyntaxError(`the key ${JSON.stringify(key)} occurs twice`);
          keys.add(key);
        }
        atKey = false;
      }
      at = end - 1;
    } else if (character === "{" || character === "[") {
      open.push(character === "{" ? new Set() : undefined);
      if (open.length > maxDepth) throw new SyntaxError(`it nests deeper than ${maxDepth}`);
      atKey = character === "{";
    } else if (character === "}" || character === "]") {
      open.pop();
    } else if (character === ",") {
      atKey = open.at(-1) !== undefined;
    }
  }
  return parse(text);
}

function parse(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    // The engine's message quotes the text as it is, line breaks and all.
    // deno-lint-ignore no-control-regex
    const fault = messageOf(error).replaceAll(/[\s\x00-\x1f\x7f]+/g, " ").slice(0, 200);
    throw new SyntaxError(fault, { cause: error });
  }
}

/** The index after the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at + 1;
  }
  throw new SyntaxError("a string has no end");
}

/** Whether a JSON value is an object (not null, not an array). */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Checks that a value comes back from JSON as it went in. JSON.stringify would write NaN as null
 * and leave out undefined and functions without a word.
 *
 * @param value what is to be written.
 * @param where its name in the error.
 * @throws {TypeError} naming the first part that JSON cannot hold.
 */
export function assertJsonValue(value: unknown, where: string): asserts value is JsonValue {
  assertJsonBranch(value, where, []);
}

function assertJsonBranch(value: unknown, where: string, above: readonly object[]): void {
  if (value === null || typeof value === "boolean" || typeof value === "string") return;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return;
    throw new TypeError(`${where} is ${value}, which JSON cannot hold`);
  }
  if (typeof value !== "object") {
    throw new TypeError(`${where} is of type ${typeof value}, which JSON cannot hold`);
  }
  if (above.includes(value)) throw new TypeError(`${where} contains itself`);
  const branch = [...above, value];
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      assertJsonBranch(item, `${where}[${index}]`, branch);
    }
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`${where} is an object of a class, not a plain one`);
  }
  for (const [name, item] of Object.entries(value)) {
    assertJsonBranch(item, `${where}.${name}`, branch);
  }
}
