import { cString, utf8 } from "./c_string.ts";
import type { Status } from "./status.ts";
import type { Symbols } from "./symbols.ts";

/** The value of an operation's attribute, by the C function that sets it. */
export type Attribute =
  | { readonly kind: "string"; readonly value: string | Uint8Array<ArrayBuffer> }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "type"; readonly value: number }
  | { readonly kind: "shape"; readonly value: readonly number[] };

/** Sets attributes of an eager operation (`TFE_Op`). */
export function setEagerAttribute(
  symbols: Symbols,
  operation: Deno.PointerObject,
  name: string,
  attribute: Attribute,
  status: Status,
): void {
  const key = cString(name);
  switch (attribute.kind) {
    case "string": {
      const value = textBytes(attribute.value);
      return symbols.TFE_OpSetAttrString(operation, key, value, BigInt(value.length));
    }
    case "int":
      return symbols.TFE_OpSetAttrInt(operation, key, BigInt(attribute.value));
    case "ints": {
      const values = BigInt64Array.from(attribute.value, BigInt);
      return symbols.TFE_OpSetAttrIntList(operation, key, values, values.length);
    }
    case "float":
      return symbols.TFE_OpSetAttrFloat(operation, key, attribute.value);
    case "bool":
      return symbols.TFE_OpSetAttrBool(operation, key, Number(attribute.value));
    case "type":
      return symbols.TFE_OpSetAttrType(operation, key, attribute.value);
    case "shape": {
      const dims = BigInt64Array.from(attribute.value, BigInt);
      symbols.TFE_OpSetAttrShape(operation, key, dims, dims.length, status.pointer);
      status.check(`the attribute ${name}`);
    }
  }
}

/** Sets attributes of an operation that is being added to a graph (`TF_OperationDescription`). */
export function setGraphAttribute(
  symbols: Symbols,
  description: Deno.PointerObject,
  name: string,
  attribute: Attribute,
): void {
  const key = cString(name);
  switch (attribute.kind) {
    case "string": {
      const value = textBytes(attribute.value);
      return symbols.TF_SetAttrString(description, key, value, BigInt(value.length));
    }
    case "int":
      return symbols.TF_SetAttrInt(description, key, BigInt(attribute.value));
    case "ints": {
      const values = BigInt64Array.from(attribute.value, BigInt);
      return symbols.TF_SetAttrIntList(description, key, values, values.length);
    }
    case "float":
      return symbols.TF_SetAttrFloat(description, key, attribute.value);
    case "bool":
      return symbols.TF_SetAttrBool(description, key, Number(attribute.value));
    case "type":
      return symbols.TF_SetAttrType(description, key, attribute.value);
    case "shape": {
      const dims = BigInt64Array.from(attribute.value, BigInt);
      return symbols.TF_SetAttrShape(description, key, dims, dims.length);
    }
  }
}

function textBytes(value: string | Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return typeof value === "string" ? utf8(value) : value;
}
