import assert from "assert";
import protobuf from "protobufjs";
import { contractTypes } from "../../src/protocol/contract.ts";

/** The types of the contract. */
export const types = contractTypes();

/**
 * Asserts that a value is a message as ProtoJSON has it: only fields of the type, every one that has no
 * presence, enums by name, times and durations as text.
 *
 * @param left fields that need not be there, by their place, such as ".nextPageToken".
 */
export function assertProtoJson(
  typeName: string,
  value: unknown,
  left: readonly string[] = [],
): void {
  checkMessage(types.lookupType(typeName), value, "", left);
}

function checkMessage(type: protobuf.Type, value: unknown, place: string, left: readonly string[]) {
  if (type.fullName === ".google.protobuf.Timestamp") {
    assert.match(String(value), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, place);
    return;
  }
  if (type.fullName === ".google.protobuf.Duration") {
    assert.match(String(value), /^-?\d+(\.\d{1,9})?s$/, place);
    return;
  }
  assert.ok(typeof value === "object" && value !== null && !Array.isArray(value), place);
  const fields = value as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(fields)) assert.ok(type.fields[name], `${place}.${name} is none`);
  for (const field of type.fieldsArray) {
    const at = `${place}.${field.name}`;
    const each = fields[field.name];
    const isMessage = field.resolvedType instanceof protobuf.Type;
    const isList = field.repeated || field.map;
    if (each === undefined) {
      const mayBeAbsent = field.partOf !== null || (isMessage && !isList) || left.includes(at);
      assert.ok(mayBeAbsent, `${at} is missing`);
    } else if (field.map) {
      Object.values(each as object).forEach((one) => checkValue(field, one, at, left));
    } else if (field.repeated) {
      assert.ok(Array.isArray(each), at);
      each.forEach((one) => checkValue(field, one, at, left));
    } else checkValue(field, each, at, left);
  }
}

function checkValue(field: protobuf.Field, value: unknown, at: string, left: readonly string[]) {
  const { resolvedType, type } = field;
  if (resolvedType instanceof protobuf.Type) return checkMessage(resolvedType, value, at, left);
  if (resolvedType instanceof protobuf.Enum) {
    return assert.ok(Object.hasOwn(resolvedType.values, String(value)), `${at}: ${value}`);
  }
  const expected = type === "bool" ? "boolean" : /string|bytes/.test(type) ? "string" : "number";
  assert.equal(typeof value, expected, at);
}
