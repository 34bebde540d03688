import { TinctError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./strict_json.ts";

/**
 * Reads typed fields out of JSON that came from a file. Every complaint is data_loss and names the
 * file and the field: `run/checkpoints/step-00001000/checkpoint.json: state.step is "x", …`.
 */
export class JsonFields {
  readonly #object: JsonObject;
  readonly #file: string;
  readonly #prefix: string;

  /**
   * @param value what is to be an object.
   * @param file names the file in errors.
   * @param prefix the way to this object, such as `state.`; empty at the top.
   * @throws {TinctError} data_loss when the value is no object.
   */
  constructor(value: JsonValue | undefined, file: string, prefix = "") {
    this.#file = file;
    this.#prefix = prefix;
    if (!isJsonObject(value)) {
      const what = prefix === "" ? "it" : prefix.slice(0, -1);
      throw new TinctError("data_loss", `${file}: ${what} is not a JSON object.`);
    }
    this.#object = value;
  }

  /** Whether the object has this field. */
  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  /** The whole object, for what another part of the program decodes. */
  get value(): JsonObject {
    return this.#object;
  }

  /** A text. */
  string(name: string): string {
    const value = this.#get(name);
    return typeof value === "string" ? value : this.#refuse(name, "a text");
  }

  /** One of a few texts. */
  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.#get(name);
    const found = choices.find((choice) => choice === value);
    return found ?? this.#refuse(name, `one of ${choices.join(", ")}`);
  }

  /** A finite number. */
  number(name: string): number {
    const value = this.#get(name);
    return typeof value === "number" && Number.isFinite(value)
      ? value
      : this.#refuse(name, "a number");
  }

  /** A whole number from `min`, at most 2^53 - 1. */
  integer(name: string, min = 0): number {
    const value = this.#get(name);
    return typeof value === "number" && Number.isSafeInteger(value) && value >= min
      ? value
      : this.#refuse(name, `a whole number from ${min}`);
  }

  /** An array of finite numbers. */
  numbers(name: string): number[] {
    const value = this.#get(name);
    if (!Array.isArray(value)) return this.#refuse(name, "an array of numbers");
    return value.map((item) =>
      typeof item === "number" && Number.isFinite(item)
        ? item
        : this.#refuse(name, "an array of numbers")
    );
  }

  /** A nested object. */
  object(name: string): JsonFields {
    return new JsonFields(this.#get(name), this.#file, `${this.#prefix}${name}.`);
  }

  /** An array of objects. */
  objects(name: string): JsonFields[] {
    const value = this.#get(name);
    if (!Array.isArray(value)) return this.#refuse(name, "an array");
    return value.map((item, index) =>
      new JsonFields(item, this.#file, `${this.#prefix}${name}[${index}].`)
    );
  }

  #get(name: string): JsonValue | undefined {
    return this.has(name) ? this.#object[name] : undefined;
  }

  #refuse(name: string, expected: string): never {
    const value = this.#get(name);
    const text = value === undefined ? "missing" : JSON.stringify(value);
    const shown = text.length > 100 ? `${text.slice(0, 100)}…` : text;
    throw new TinctError(
      "data_loss",
      `${this.#file}: ${this.#prefix}${name} is ${shown}, where ${expected} is expected.`,
    );
  }
}
