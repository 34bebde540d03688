/**
 * The reference of the API as Markdown, made from the protos and their comments: `docs/api.md`, which
 * `deno task protos` writes and `--check` compares.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import protobuf from "protobufjs";

/** Where the reference is. */
export const API_REFERENCE = "docs/api.md";

/** The packages that clients call, and where their protos are. */
const PACKAGES = { "tinct.v1": "protos/tinct/v1", "inference": "protos/inference" } as const;

const HEADING = `<!-- Made from the protos by deno task protos; change those. -->

# API

Every call and message of the packages tinct.v1 and inference, as their protos have them: the service
GRPCInferenceService and its messages are inference, all others tinct.v1. [clients.md](clients.md) says
how to use them: addresses, tokens, errors, retries.
`;

/**
 * Makes the reference.
 *
 * @param folder the clone's.
 */
export async function describeApi(folder: string): Promise<string> {
  const root = new protobuf.Root();
  for (const protos of Object.values(PACKAGES)) {
    const names = (await readdir(join(folder, protos))).filter((name) => name.endsWith(".proto"));
    for (const name of names.sort()) {
      const text = await readFile(join(folder, protos, name), "utf8");
      protobuf.parse(text, root, { keepCase: true, alternateCommentMode: true });
    }
  }
  const members = Object.entries(PACKAGES).flatMap(([name, protos]) => {
    const own = root.lookup(name);
    if (!(own instanceof protobuf.Namespace)) throw new Error(`${protos} has no package ${name}.`);
    return own.nestedArray.toSorted((a, b) => a.name < b.name ? -1 : 1);
  });
  const services = members.filter((each) => each instanceof protobuf.Service);
  const types = members.flatMap(withNested);
  return [
    HEADING,
    ...services.map(describeService),
    "## Messages\n",
    ...types.filter((each) => each instanceof protobuf.Type).map(describeMessage),
    "## Enums\n",
    ...types.filter((each) => each instanceof protobuf.Enum).map(describeEnum),
  ].join("\n");
}

/** A type and those that are declared within it. */
function withNested(member: protobuf.ReflectionObject): protobuf.ReflectionObject[] {
  return [
    member,
    ...(member instanceof protobuf.Type ? member.nestedArray.flatMap(withNested) : []),
  ];
}

function describeService(service: protobuf.Service): string {
  const methods = service.methodsArray.map((method) => {
    const request = `${method.requestStream ? "stream of " : ""}${linkOf(method.requestType)}`;
    const response = `${method.responseStream ? "stream of " : ""}${linkOf(method.responseType)}`;
    return `### ${service.name}.${method.name}\n\n${request} → ${response}\n\n${comment(method)}\n`;
  });
  return [`## ${service.name}\n`, `${comment(service)}\n`, ...methods].join("\n");
}

function describeMessage(message: protobuf.Type): string {
  const fields = message.fieldsArray.map((field) => {
    const group = field.partOf && !field.partOf.name.startsWith("_")
      ? ` One of \`${field.partOf.name}\`.`
      : "";
    return `| \`${field.name}\` | ${typeOf(field)} | ${inCell(comment(field))}${group} |`;
  });
  const table = fields.length === 0 ? ["It has no fields."] : [
    "| field | type | meaning |",
    "| ----- | ---- | ------- |",
    ...fields,
  ];
  return [`### ${shortName(message)}\n`, `${comment(message)}\n`, ...table, ""].join("\n");
}

function describeEnum(type: protobuf.Enum): string {
  const values = Object.entries(type.values).map(([name, number]) =>
    `| \`${name}\` | ${number} | ${inCell(type.comments[name] ?? "")} |`
  );
  const table = ["| value | number | meaning |", "| ----- | ------ | ------- |", ...values];
  return [`### ${shortName(type)}\n`, `${comment(type)}\n`, ...table, ""].join("\n");
}

function typeOf(field: protobuf.Field): string {
  const type = linkOf(field.type);
  if (field instanceof protobuf.MapField) return `map of ${field.keyType} to ${type}`;
  if (field.repeated) return `repeated ${type}`;
  return field.options?.["proto3_optional"] === true ? `optional ${type}` : type;
}

/** A type's name, as a link to its description where it is one of ours. */
function linkOf(type: string): string {
  const name = withoutPackage(type);
  if (/^[a-z]/.test(name)) return `\`${name}\``;
  return `[${name}](#${name.toLowerCase().replaceAll(".", "")})`;
}

function shortName(object: protobuf.ReflectionObject): string {
  return withoutPackage(object.fullName.replace(/^\./, ""));
}

function withoutPackage(name: string): string {
  const own = Object.keys(PACKAGES).find((each) => name.startsWith(`${each}.`));
  return own === undefined ? name : name.slice(own.length + 1);
}

function comment({ comment }: protobuf.ReflectionObject): string {
  return comment ?? "";
}

function inCell(text: string): string {
  return text.replace(/\s*\n\s*/g, " ").replaceAll("|", "\\|");
}
