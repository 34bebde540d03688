import assert from "assert";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type AnyDefinition, fromJSON, type MessageTypeDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs";
import { contractTypes } from "../../src/protocol/contract.ts";
import { codecOf, methodsOf } from "../../src/protocol/definitions.ts";

const described = fileURLToPath(
  new URL("../../src/protocol/generated/contract.json", import.meta.url),
);

/** What @grpc/proto-loader makes of the same description, with the choices of the generated types. */
const theirs = fromJSON(JSON.parse(readFileSync(described, "utf8")), {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
});

const isMessage = (each: AnyDefinition): each is MessageTypeDefinition<object, object> =>
  "serialize" in each;

/** A message of a type with every field set, the first member of each oneof alone. */
function filled(type: protobuf.Type, depth = 0): Record<string, unknown> {
  const left = type.oneofsArray.flatMap(({ fieldsArray }) => fieldsArray.slice(1));
  return Object.fromEntries(
    type.fieldsArray.filter((field) => !left.includes(field)).map((field) => {
      const value = valueOf(field, depth);
      if (field instanceof protobuf.MapField) return [field.name, { key: value }];
      return [field.name, field.repeated ? [value, value] : value];
    }),
  );
}

function valueOf({ resolvedType, type, id }: protobuf.Field, depth: number): unknown {
  if (resolvedType instanceof protobuf.Type) {
    return depth < 3 ? filled(resolvedType, depth + 1) : {};
  }
  if (resolvedType instanceof protobuf.Enum) return Object.keys(resolvedType.values).at(-1);
  if (type === "string") return `text ${id}`;
  if (type === "bytes") return Buffer.from([id, 255]);
  if (type === "bool") return true;
  return /^(?:float|double)$/.test(type) ? id + 0.5 : id;
}

Deno.test("every service has the methods that @grpc/proto-loader makes of it", () => {
  let count = 0;
  for (const [name, service] of Object.entries(theirs)) {
    if (isMessage(service) || "format" in service) continue;
    const ours = methodsOf(contractTypes().lookupService(name));
    assert.deepEqual(Object.keys(ours), Object.keys(service), name);
    for (
      const [method, { path, requestStream, responseStream, originalName }] of Object.entries(ours)
    ) {
      const { [method]: their } = service;
      assert.deepEqual(
        [path, requestStream, responseStream, originalName],
        [their?.path, their?.requestStream, their?.responseStream, their?.originalName],
      );
    }
    count++;
  }
  assert.equal(count, 10);
});

Deno.test("every message is written and read as @grpc/proto-loader does it", () => {
  let count = 0;
  for (const [name, message] of Object.entries(theirs)) {
    if (!isMessage(message) || name.startsWith("google.protobuf.")) continue;
    const type = contractTypes().lookupType(name);
    const ours = codecOf(type);
    for (const value of [{}, filled(type)]) {
      const bytes = ours.serialize(value);
      assert.ok(Buffer.isBuffer(bytes));
      assert.deepEqual(bytes, message.serialize(value), name);
      assert.deepEqual(ours.deserialize(bytes), message.deserialize(bytes), name);
    }
    count++;
  }
  assert.ok(count > 100, `${count} messages`);
});

Deno.test("a list is no message, and bytes that end too early are refused", () => {
  const { serialize, deserialize } = codecOf(contractTypes().lookupType("tinct.v1.Losses"));
  assert.throws(() => serialize([]), /A Losses was expected, not a list\./);
  assert.throws(() => deserialize(Buffer.from([0x08])), RangeError);
});
