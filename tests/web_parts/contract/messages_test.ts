import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { readContractImage } from "../../../src/protocol/contract.ts";
import { trainingOptions } from "../../../src/config/training.ts";
import { descriptorsOf } from "../../../src/web_door/descriptors.ts";
import { topics } from "../../../src/web/options/topics.ts";

const clone = fileURLToPath(new URL("../../../", import.meta.url));
const descriptors = descriptorsOf(readContractImage());
const messagesFile = join(clone, "src/web_parts/contract/messages.ts");

/** A type as `deno doc --json` tells it. */
type TsType =
  | { readonly kind: "keyword"; readonly value: string }
  | {
    readonly kind: "typeRef";
    readonly value: { readonly typeName: string; readonly typeParams?: readonly TsType[] };
  }
  | { readonly kind: "typeOperator"; readonly value: { readonly tsType: TsType } }
  | { readonly kind: "array"; readonly value: TsType }
  | { readonly kind: "union"; readonly value: readonly TsType[] }
  | { readonly kind: "typeLiteral"; readonly value: { readonly properties: readonly Property[] } };

interface Property {
  readonly name: string;
  readonly tsType: TsType;
}

/** An interface or a type of a file, with what its comment says. */
interface Symbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: { readonly doc?: string };
    readonly def: { readonly properties?: readonly Property[]; readonly tsType?: TsType };
  }[];
}

/** What a file declares, exported or not. */
async function declaredBy(path: string): Promise<readonly Symbol[]> {
  const args = ["doc", "--json", "--private", path];
  const { stdout, success } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.ok(success);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  return Object.values<{ symbols: readonly Symbol[] }>(nodes)[0]!.symbols;
}

/** The contract's message of a name, wherever it stands. */
function messageOf(name: string): DescMessage | undefined {
  for (const each of descriptors) {
    if (
      each.kind === "message" && each.name === name &&
      /^(?:tinct\.v1|google\.rpc)\./.test(each.typeName)
    ) {
      return each;
    }
    const inner = each.kind === "message" && each.nestedMessages.find((one) => one.name === name);
    if (inner && inner.typeName.startsWith("google.rpc.BadRequest.")) return inner;
  }
  return undefined;
}

const longs = new Set([
  ScalarType.INT64,
  ScalarType.UINT64,
  ScalarType.SINT64,
  ScalarType.FIXED64,
  ScalarType.SFIXED64,
]);

/** What ProtoJSON writes a scalar as, in the pages' words. */
function scalarWord(scalar: ScalarType): string {
  if (longs.has(scalar)) return "Long";
  if (scalar === ScalarType.BOOL) return "boolean";
  return scalar === ScalarType.STRING || scalar === ScalarType.BYTES ? "string" : "number";
}

/** Compares what a file declares with the contract. */
class Comparison {
  readonly faults: string[] = [];
  readonly #symbols: ReadonlyMap<string, Symbol>;

  constructor(symbols: readonly Symbol[]) {
    this.#symbols = new Map(symbols.map((each) => [each.name, each]));
  }

  /** @returns how many messages were compared. */
  run(): number {
    let count = 0;
    for (const { name, declarations: [declared] } of this.#symbols.values()) {
      const said = /^See `(\w+)`\.$/.exec(declared?.jsDoc?.doc ?? "")?.[1];
      if (declared?.kind !== "interface") continue;
      const message = said === undefined ? undefined : messageOf(said);
      if (message === undefined) this.faults.push(`${name} names no message: "See \`…\`."`);
      else this.#properties(name, declared.def.properties ?? [], message);
      count++;
    }
    return count;
  }

  #properties(path: string, properties: readonly Property[], message: DescMessage): void {
    for (const { name, tsType } of properties) {
      const field = message.fields.find(({ jsonName }) => jsonName === name);
      if (field === undefined) this.faults.push(`${path}.${name} is no field of ${message.name}`);
      else this.#field(`${path}.${name}`, tsType, field);
    }
  }

  #field(path: string, type: TsType, field: DescField): void {
    if (field.fieldKind === "list") {
      const items = type.kind === "typeOperator" ? type.value.tsType : type;
      if (items.kind !== "array") return this.#wrong(path, "a list");
      const { listKind } = field;
      if (listKind === "message") return this.#message(path, items.value, field.message);
      return this.#word(
        path,
        items.value,
        listKind === "enum" ? "string" : scalarWord(field.scalar),
      );
    }
    if (field.fieldKind === "map") {
      const value = recordOf(type);
      if (value === undefined) return this.#wrong(path, "a Readonly<Record<…>>");
      if (field.mapKind === "scalar") this.#word(path, value, scalarWord(field.scalar));
      return;
    }
    if (field.fieldKind === "message") return this.#message(path, type, field.message);
    this.#word(path, type, field.fieldKind === "enum" ? "string" : scalarWord(field.scalar));
  }

  #message(path: string, type: TsType, message: DescMessage): void {
    if (/^google\.protobuf\.(?:Timestamp|Duration)$/.test(message.typeName)) {
      return this.#word(path, type, "string");
    }
    if (type.kind === "typeLiteral") return this.#properties(path, type.value.properties, message);
    const resolved = this.#resolved(type);
    // Fields by their names, where a page goes through all of them.
    const value = recordOf(resolved);
    if (value !== undefined) {
      const words = new Set(this.#words(value));
      for (const field of message.fields) {
        const isPart = field.fieldKind === "message" || field.fieldKind === "enum";
        const word = isPart || field.fieldKind !== "scalar" ? "string" : scalarWord(field.scalar);
        const written = word === "Long" ? "string" : word;
        if (!words.has(written)) {
          this.#wrong(path, `a record with ${word}, as ${field.jsonName} is`);
        }
      }
      return;
    }
    const name = type.kind === "typeRef" ? type.value.typeName : "";
    const doc = this.#symbols.get(name)?.declarations[0]?.jsDoc?.doc;
    if (doc !== `See \`${message.name}\`.`) this.#wrong(path, `a ${message.name}`);
  }

  #word(path: string, type: TsType, expected: string): void {
    const isIt = type.kind === "typeRef" && type.value.typeName === expected;
    const resolved = this.#resolved(type);
    if (isIt || (resolved.kind === "keyword" && resolved.value === expected)) return;
    this.#wrong(path, `${expected}`);
  }

  /** What a type of the file's own stands for. */
  #resolved(type: TsType): TsType {
    if (type.kind !== "typeRef") return type;
    return this.#symbols.get(type.value.typeName)?.declarations[0]?.def.tsType ?? type;
  }

  #words(type: TsType): readonly string[] {
    if (type.kind === "union") return type.value.flatMap((each) => this.#words(each));
    if (type.kind === "keyword") return [type.value];
    const resolved = this.#resolved(type);
    return resolved === type ? [] : this.#words(resolved);
  }

  #wrong(path: string, expected: string): void {
    this.faults.push(`${path} should be ${expected}`);
  }
}

/** The values of a `Readonly<Record<string, …>>`. */
function recordOf(type: TsType): TsType | undefined {
  if (type.kind !== "typeRef") return undefined;
  const { typeName, typeParams = [] } = type.value;
  if (typeName === "Readonly") return typeParams[0] && recordOf(typeParams[0]);
  return typeName === "Record" ? typeParams[1] : undefined;
}

/** The sources of the pages, by their paths. */
async function sources(): Promise<readonly (readonly [path: string, text: string])[]> {
  const texts: (readonly [string, string])[] = [];
  for (const folder of ["src/web", "src/web_cards", "src/web_parts"]) {
    const files = await readdir(join(clone, folder), { recursive: true });
    for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
      texts.push([`${folder}/${file}`, await readFile(join(clone, folder, file), "utf8")]);
    }
  }
  return texts;
}

Deno.test("the messages that the pages know are the contract's, by name and type", async () => {
  const symbols = await declaredBy(messagesFile);
  const comparison = new Comparison(symbols);
  const count = comparison.run();
  assert.deepEqual(comparison.faults, []);
  assert.ok(count > 15, `${count} messages were compared`);
});

Deno.test("calls and enums' values in the pages' sources are the contract's", async () => {
  const values = new Set<string>();
  const methods = new Set<string>();
  for (const each of descriptors) {
    if (each.kind === "enum" && each.typeName.startsWith("tinct.v1.")) {
      for (const { name } of each.values) values.add(name);
    }
    if (each.kind === "service") {
      for (const { name } of each.methods) methods.add(`${each.name}/${name}`);
    }
  }
  const prefixes = new Set([...values].map((name) => name.slice(0, name.indexOf("_") + 1)));
  let [calls, words] = [0, 0];
  for (const [path, text] of await sources()) {
    for (const [, method = ""] of text.matchAll(/"(\w+Service\/\w+)"/g)) {
      assert.ok(methods.has(method), `${path}: there is no call ${method}`);
      calls++;
    }
    for (const [, word = ""] of text.matchAll(/"([A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9])"/g)) {
      if (![...prefixes].some((prefix) => word.startsWith(prefix))) continue;
      assert.ok(values.has(word), `${path}: there is no value ${word}`);
      words++;
    }
  }
  assert.ok(calls > 10 && words > 10, `${calls} calls, ${words} values`);
});

Deno.test("every option of training has one topic on the page, and the page names no other", () => {
  const shown = topics.flatMap(({ options }) => options);
  assert.deepEqual(shown.filter((name, at) => shown.indexOf(name) !== at), [], "twice");
  const known = new Set(Object.keys(trainingOptions));
  assert.deepEqual(shown.filter((name) => !known.has(name)), [], "unknown");
  const missing = [...known].filter((name) => !shown.includes(name));
  assert.deepEqual(missing, ["recipe"], "which the page has above all topics");
});
