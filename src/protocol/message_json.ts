import protobuf from "protobufjs";
import { durationMsOf, timeMsOf } from "./times.ts";

/** What JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | {
  readonly [name: string]: Json;
};

/**
 * A received message as ProtoJSON, which the JSON readers of protobuf's libraries take: fields in
 * camelCase, enums by name, times by RFC 3339, durations in seconds with an "s", bytes in base64.
 * 64-bit integers are numbers, as those readers take them too. Fields with defaults are always there;
 * absent messages, `optional` fields without a value and members of a oneof that are not set are left
 * out.
 *
 * @param type of the message, resolved.
 */
export function messageJson(type: protobuf.Type, message: object): Readonly<Record<string, Json>> {
  const values = message as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    type.fieldsArray.flatMap((field): [string, Json][] => {
      const value = values[field.name];
      return value === undefined || value === null ? [] : [[field.name, fieldJson(field, value)]];
    }),
  );
}

function fieldJson(field: protobuf.Field, value: unknown): Json {
  if (field instanceof protobuf.MapField) {
    const entries = Object.entries(value as Readonly<Record<string, unknown>>);
    return Object.fromEntries(entries.map(([key, each]) => [key, valueJson(field, each)]));
  }
  if (field.repeated) return (value as readonly unknown[]).map((each) => valueJson(field, each));
  return valueJson(field, value);
}

function valueJson({ resolvedType }: protobuf.Field, value: unknown): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (!(resolvedType instanceof protobuf.Type)) return value as Json;
  const passed = value as { readonly seconds: number; readonly nanos: number };
  switch (resolvedType.fullName) {
    case ".google.protobuf.Timestamp":
      return new Date(timeMsOf(passed) ?? 0).toISOString();
    case ".google.protobuf.Duration":
      return `${Number(((durationMsOf(passed) ?? 0) / 1000).toFixed(9))}s`;
    default:
      return messageJson(resolvedType, value as object);
  }
}
