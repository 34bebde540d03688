import protobuf from "protobufjs";
import type { FieldViolation } from "../errors.ts";
import { fieldName } from "./training_options.ts";

/** What a field of a request may hold, beyond its type. */
export type FieldRule =
  /** A text of at most so many characters. `misfit` says what else is wrong with it. */
  | {
    readonly kind: "text";
    readonly max: number;
    readonly required?: true;
    /** What it names, such as "job". */
    readonly names?: string;
    readonly misfit?: (text: string) => string | undefined;
  }
  /** Bytes, at most so many. */
  | { readonly kind: "bytes"; readonly max: number; readonly required?: true }
  /** A number in a range; with `orZero` also 0, which stands for the default. */
  | {
    readonly kind: "number";
    readonly range: readonly [min: number, max: number];
    readonly orZero?: true;
    readonly unit?: string;
  }
  /** A list of at most so many entries, or a map, whose keys and values are texts of at most so many. */
  | { readonly kind: "list"; readonly max: number; readonly text?: number }
  /** A message that must be there, or a oneof with a member set. */
  | { readonly kind: "required" }
  /**
   * Whatever its type allows, for the reason given; what else is to be checked the handler does. That a
   * number is finite is checked even so, unless it is `orNotFinite`.
   */
  | { readonly kind: "free"; readonly why: string; readonly orNotFinite?: true };

/** The rules of requests' fields and oneofs, by "Message.field". */
export type FieldRules = Readonly<Record<string, FieldRule>>;

/** Something that a request names. */
export interface Named {
  /** Such as "job". */
  readonly type: string;
  readonly name: string;
}

/** Messages with rules of their own. */
const passedOver: ReadonlySet<string> = new Set([
  "tinct.v1.TrainingConfig", // src/config/training.ts
]);

/** At most so many violations are looked for: nobody reads more, and a message can hold millions. */
export const MAX_VIOLATIONS = 1000;

/**
 * Knows what requests may hold, and finds what is wrong with one that was received: enum values that
 * this version does not know, numbers that are not finite or out of range, texts and lists that are too
 * long, and what is missing. Fields that this version does not know stay unseen, as protobuf has it.
 */
export class IncomingCheck {
  readonly #root: protobuf.Root;
  readonly #rules: FieldRules;

  /** @param root the messages' types, resolved. */
  constructor(root: protobuf.Root, rules: FieldRules) {
    this.#root = root;
    this.#rules = rules;
  }

  /**
   * What is wrong with a request, by the names of the protos, in the order of its fields.
   *
   * @param typeName such as "tinct.v1.TrainRequest".
   * @param at where the message stands in the request, such as "settings.".
   */
  violations(typeName: string, message: object, at = ""): FieldViolation[] {
    const list: FieldViolation[] = [];
    this.#walk(this.#root.lookupType(typeName), message, at, list);
    return list;
  }

  /** What a request names: jobs, datasets, models. */
  named(typeName: string, message: object): Named[] {
    return this.#named(this.#root.lookupType(typeName), message);
  }

  /** The field that a request is about first of all: the first that is required, or its first. */
  mainField(typeName: string): string {
    const type = this.#root.lookupType(typeName);
    const isRequired = (name: string) => {
      const rule = this.#rules[`${type.name}.${name}`];
      return rule !== undefined && (rule.kind === "required" || "required" in rule);
    };
    const parts = [...type.oneofsArray, ...type.fieldsArray];
    const names = parts.map(({ name }) => fieldName(name)).filter((name) => !name.startsWith("_"));
    return names.find(isRequired) ?? names[0] ?? "";
  }

  /** Full name of the request of a call. @param path such as "/tinct.v1.ColorizationService/Train". */
  requestType(path: string): string {
    const [, service = "", method = ""] = path.split("/");
    const { resolvedRequestType } = this.#root.lookupService(service).methods[method] ?? {};
    if (!resolvedRequestType) throw new TypeError(`There is no call ${path}.`);
    return resolvedRequestType.fullName.slice(1);
  }

  #walk(type: protobuf.Type, message: object, at: string, list: FieldViolation[]): void {
    if (passedOver.has(type.fullName.slice(1))) return;
    const values = message as Readonly<Record<string, unknown>>;
    for (const { name, fieldsArray } of type.oneofsArray) {
      const rule = this.#rules[`${type.name}.${fieldName(name)}`];
      if (rule?.kind !== "required" || values[name] !== undefined) continue;
      const members = fieldsArray.map((field) => fieldName(field.name)).join(" or ");
      list.push({ field: at.replace(/\.$/, "") || members, description: `needs ${members}` });
    }
    for (const field of type.fieldsArray) {
      if (list.length >= MAX_VIOLATIONS) return;
      const name = fieldName(field.name);
      this.#checkField(field, values[field.name], {
        rule: this.#rules[`${type.name}.${name}`],
        at: `${at}${name}`,
        list,
      });
    }
  }

  #checkField(
    field: protobuf.Field,
    value: unknown,
    { rule, at, list }: {
      readonly rule: FieldRule | undefined;
      readonly at: string;
      readonly list: FieldViolation[];
    },
  ): void {
    const isMissing = value === undefined || value === null || value === "" ||
      value instanceof Uint8Array && value.length === 0;
    if (isMissing) {
      const isRequired = rule !== undefined && (rule.kind === "required" || "required" in rule);
      // Of a oneof its own rule says whether a member is required; one that is set may not be empty.
      if (isRequired && (field.partOf === null || value === "")) {
        list.push({ field: at, description: "is required" });
      }
      return;
    }
    const isMap = field instanceof protobuf.MapField;
    if (!isMap && !Array.isArray(value)) return this.#checkValue(field, value, rule, at, list);
    const misfit = rule?.kind === "list" && listMisfit(rule, value);
    // What is too long is not looked at.
    if (misfit) return void list.push({ field: at, description: misfit });
    // A tensor may have a million values, of which none is wrong by itself.
    if (field.resolvedType === null && !isFraction(field.type)) return;
    const entries = Object.entries(value).map(([key, each]): [string, unknown] => [
      isMap ? `${at}.${key}` : `${at}[${key}]`,
      each,
    ]);
    for (const [place, each] of entries) this.#checkValue(field, each, undefined, place, list);
  }

  #checkValue(
    field: protobuf.Field,
    value: unknown,
    rule: FieldRule | undefined,
    at: string,
    list: FieldViolation[],
  ): void {
    const { resolvedType } = field;
    if (list.length >= MAX_VIOLATIONS) return;
    if (resolvedType instanceof protobuf.Type) {
      return this.#walk(resolvedType, value as object, `${at}.`, list);
    }
    const misfit = resolvedType instanceof protobuf.Enum
      ? enumMisfit(resolvedType, value, field.repeated)
      : valueMisfit(value, rule);
    if (misfit !== undefined) list.push({ field: at, description: misfit });
  }

  #named(type: protobuf.Type, message: object): Named[] {
    const values = message as Readonly<Record<string, unknown>>;
    return type.fieldsArray.flatMap((field): Named[] => {
      const value = values[field.name];
      const rule = this.#rules[`${type.name}.${fieldName(field.name)}`];
      if (typeof value === "string" && value !== "" && rule?.kind === "text" && rule.names) {
        return [{ type: rule.names, name: value }];
      }
      const isMessage = field.resolvedType instanceof protobuf.Type && !field.repeated;
      if (!isMessage || typeof value !== "object" || value === null) return [];
      return this.#named(field.resolvedType as protobuf.Type, value);
    });
  }
}

function isFraction(type: string): boolean {
  return type === "double" || type === "float";
}

function listMisfit(
  { max, text }: FieldRule & { kind: "list" },
  value: object,
): string | undefined {
  const count = Array.isArray(value) ? value.length : Object.keys(value).length;
  if (count > max && max === 0) return `must be empty, not have ${count} entries`;
  if (count > max) return `must have at most ${max} entries, not ${count}`;
  if (text === undefined) return undefined;
  const entries = Object.entries(value as Readonly<Record<string, string>>);
  if (entries.some(([key]) => key === "")) return "must not have an empty key";
  const isLong = entries.flat().some((each) => each.length > text);
  return isLong ? `must have keys and values of at most ${text} characters` : undefined;
}

/** A value that is known comes as its name, another as its number. */
function enumMisfit(
  { values }: protobuf.Enum,
  value: unknown,
  isRepeated: boolean,
): string | undefined {
  const isNone = typeof value === "string" && values[value] === 0;
  if (typeof value === "string" && !(isRepeated && isNone)) return undefined;
  const names = Object.keys(values).filter((name) => values[name] !== 0).join(", ");
  return `must be one of ${names}, not ${String(value)}`;
}

function valueMisfit(value: unknown, rule: FieldRule | undefined): string | undefined {
  if (typeof value === "number") {
    if (rule?.kind === "free" && rule.orNotFinite) return undefined;
    if (!Number.isFinite(value)) return `must be a finite number, not ${value}`;
    if (rule?.kind !== "number" || (rule.orZero && value === 0)) return undefined;
    const [min, max] = rule.range;
    const unit = rule.unit === undefined ? "" : ` ${rule.unit}`;
    const fits = value >= min && value <= max;
    return fits ? undefined : `must be from ${min} to ${max}${unit}, not ${value}`;
  }
  if (value instanceof Uint8Array) {
    if (rule?.kind !== "bytes" || value.length <= rule.max) return undefined;
    return `must have at most ${rule.max} bytes, not ${value.length}`;
  }
  if (typeof value !== "string" || rule?.kind !== "text") return undefined;
  if (value.length > rule.max) {
    return `must have at most ${rule.max} characters, not ${value.length}`;
  }
  return rule.misfit?.(value);
}
