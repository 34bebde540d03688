import assert from "assert";
import type { ServiceError } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import {
  contractTypes,
  loadPublicContract,
  type PublicService,
} from "../../src/protocol/contract.ts";
import type { FieldRule } from "../../src/protocol/incoming_check.ts";
import { receive } from "../../src/protocol/receive.ts";
import { fieldName } from "../../src/protocol/training_options.ts";
import { requestRules } from "../../src/calls/request_rules.ts";
import { type CallError, describe, Scene } from "../service/scene.ts";

const services = [
  ["tinct.v1.ColorizationService", "colorization"],
  ["tinct.v1.TrainingJobService", "jobs"],
  ["tinct.v1.ModelService", "models"],
  ["tinct.v1.DatasetService", "datasets"],
  ["tinct.v1.SweepService", "sweeps"],
  ["tinct.v1.WeightsService", "weights"],
  ["inference.GRPCInferenceService", "inference"],
] as const;

/** Its requests are those of ModelInfer, and its refusals sentences: inference_test.ts. */
const withoutFields = "ModelStreamInfer";

const root = contractTypes();

/** A field of a request, or of a message in it. */
interface Place {
  readonly method: string;
  /** Fields on the way, as code calls them; one of a list is its first entry. */
  readonly way: readonly protobuf.Field[];
}

const methods = services.flatMap(([name, client]) =>
  Object.values(root.lookupService(name).methods).map((method) => {
    method.resolve();
    return { name: method.name, client, method, request: method.resolvedRequestType! };
  })
).filter(({ name }) => name !== withoutFields);

/** TrainingConfig is walked by configurations_test.ts, by its own table. */
const isWalked = (type: protobuf.Type) => type.name !== "TrainingConfig";

function placesIn(method: string, type: protobuf.Type, way: readonly protobuf.Field[]): Place[] {
  return type.fieldsArray.flatMap((field): Place[] => {
    field.resolve();
    const here = { method, way: [...way, field] };
    const inner = field.resolvedType;
    return inner instanceof protobuf.Type && isWalked(inner)
      ? [here, ...placesIn(method, inner, here.way)]
      : [here];
  });
}

const places = methods.flatMap(({ name, request }) => placesIn(name, request, []));
const keyOf = (field: protobuf.Field) => `${field.parent!.name}.${fieldName(field.name)}`;

Deno.test("every field and oneof of every request has a rule, and every rule a field", () => {
  const fields = new Set(places.map(({ way }) => keyOf(way.at(-1)!)));
  const oneofs = new Set(
    places.flatMap(({ way }) => {
      const { partOf } = way.at(-1)!;
      const isOptional = partOf?.name.startsWith("_") ?? true; // proto3's `optional`
      return isOptional ? [] : [`${partOf!.parent!.name}.${fieldName(partOf!.name)}`];
    }),
  );
  const known = [...fields, ...oneofs].sort();
  assert.deepEqual(Object.keys(requestRules).sort(), known);
  assert.ok(known.length > 80, `${known.length} are walked`);
});

/** Values that break a field's rule, and those that no field may hold. */
function wrongValues(field: protobuf.Field, rule: FieldRule): readonly unknown[] {
  if (field instanceof protobuf.MapField) {
    const isText = field.resolvedType === null;
    const value = isText ? "x" : { boolParam: true };
    const many = Array.from({ length: 65 }, (_, index) => [`key ${index}`, value]);
    if (!isText) return [Object.fromEntries(many)];
    return [Object.fromEntries(many), { "": "x" }, { x: "x".repeat(201) }, {
      ["x".repeat(201)]: "",
    }];
  }
  if (field.resolvedType instanceof protobuf.Enum) {
    return field.repeated ? [[99], [0], Array(100).fill(1)] : [99, -1];
  }
  if (field.repeated) {
    const entry = field.type === "bytes" ? Buffer.from("x") : {};
    return rule.kind === "list" ? [Array(rule.max + 1).fill(entry)] : [];
  }
  if (["double", "float"].includes(field.type)) return [NaN, Infinity, -Infinity, ...outside(rule)];
  if (rule.kind === "number") return outside(rule);
  if (rule.kind === "text") {
    const odd = rule.misfit ? ["../x", "a b", "ä"] : [];
    return ["x".repeat(rule.max + 1), ...odd, ...(rule.required ? [""] : [])];
  }
  if (rule.kind === "bytes") {
    return [
      ...(rule.required ? [Buffer.alloc(0)] : []),
      ...(rule.max < 2 ** 24 ? [Buffer.alloc(rule.max + 1)] : []),
    ];
  }
  return rule.kind === "required" && field.resolvedType instanceof protobuf.Type ? [null] : [];
}

function outside(rule: FieldRule): number[] {
  if (rule.kind !== "number") return [];
  const [min, max] = rule.range;
  return [min - 1, max + 1].filter((value) =>
    Number.isSafeInteger(value) && Math.abs(value) < 2 ** 31 && !(rule.orZero && value === 0)
  );
}

/** The request that holds a value at a place. */
function requestWith({ way }: Place, value: unknown): object {
  return way.toReversed().reduce<unknown>(
    (inner, field, index) => {
      const isMap = field instanceof protobuf.MapField;
      if (isMap && index > 0) return { [field.name]: { key: inner } };
      const isWhole = index === 0 && (Array.isArray(inner) || isMap);
      return { [field.name]: field.repeated && !isWhole ? [inner] : inner };
    },
    value,
  ) as object;
}

const pathOf = ({ way }: Place) =>
  way.map((field, index) => {
    const isInner = index < way.length - 1;
    const entry = field instanceof protobuf.MapField ? ".key" : field.repeated ? "[0]" : "";
    return fieldName(field.name) + (isInner ? entry : "");
  }).join(".");

const aFile = { name: "x.onnx", sizeBytes: 10, sha256: Buffer.alloc(32) };

/** What a call with one request comes to: its error, or the violations that are its answer. */
async function ask(scene: Scene, name: string, request: object): Promise<CallError> {
  const { client, method } = methods.find((each) => each.name === name)!;
  const stub = scene[client] as unknown as Record<string, (...parameters: unknown[]) => unknown>;
  const call = stub[name]!.bind(stub);
  try {
    if (method.requestStream) {
      const [stream, ended] = openStream(call, method.responseStream ?? false);
      // What is not wrong is right.
      const photo = { photoId: "a", settings: { model: { name: "roses" } }, last: true };
      const messages = name === "ColorizeStream"
        ? [{ ...photo, ...request }]
        : "start" in request || name === "ColorizeFrames"
        ? [request]
        : name === "UploadWeights"
        ? [{ start: { name: "walked", sizeBytes: 10, sha256: Buffer.alloc(32) } }, request]
        : name === "ImportModel"
        ? [{ start: { name: "walked", files: [aFile] } }, request]
        : [{ start: { dataset: "walked" } }, request];
      for (const message of messages) stream.write(message);
      stream.end();
      return await ended;
    }
    if (method.responseStream) {
      const stream = call(request) as Parameters<typeof receive>[0];
      for await (const _ of receive(stream));
      return assert.fail(`${name} took ${JSON.stringify(request)}`);
    }
    return await new Promise((resolve, reject) => {
      call(request, (error: ServiceError | null, answer: unknown) => {
        if (error) return resolve(describe(error));
        resolve(violationsOf(answer) ?? reject(new Error(`it took ${JSON.stringify(request)}`))!);
      });
    });
  } catch (error) {
    if (error instanceof Error && "metadata" in error) return describe(error as ServiceError);
    throw error;
  }
}

interface Stream {
  write(message: object): unknown;
  end(): unknown;
}

/** Begins a call that takes many requests. */
function openStream(
  call: (...parameters: unknown[]) => unknown,
  answersMany: boolean,
): [Stream, Promise<CallError>] {
  const { promise, resolve, reject } = Promise.withResolvers<CallError>();
  if (!answersMany) {
    const stream = call((error: ServiceError | null, answer: unknown) => {
      if (error) return resolve(describe(error));
      const refused = refusedOf(answer);
      if (refused === undefined) reject(new Error("it was taken"));
      else resolve(refused);
    });
    return [stream as Stream, promise];
  }
  const stream = call() as Stream & Parameters<typeof receive>[0];
  const read = async () => {
    for await (const message of receive(stream)) {
      const refused = refusedOf({ refused: [message] });
      if (refused) return resolve(refused);
    }
    reject(new Error("it was taken"));
  };
  read().catch((error: ServiceError) => resolve(describe(error)));
  return [stream, promise];
}

function violationsOf(answer: unknown): CallError | undefined {
  const { valid, violations = [] } = answer as {
    valid?: boolean;
    violations?: readonly { field: string; description: string }[];
  };
  if (valid !== false) return undefined;
  const message = violations.map(({ description }) => description).join();
  const fields = violations.map(({ field }) => field);
  return { code: "INVALID_ARGUMENT", message, fields, retryDelayMs: undefined };
}

/** A fault in the place of a file or photo. */
function refusedOf(answer: unknown): CallError | undefined {
  type Fault = { code: number; message: string; violations: readonly { field: string }[] } | null;
  const [first] = (answer as { refused?: readonly { fault?: Fault }[] }).refused ?? [];
  if (!first?.fault) return undefined;
  const { code, message, violations } = first.fault;
  assert.equal(code, 3);
  const fields = violations.map(({ field }) => field);
  return { code: "INVALID_ARGUMENT", message, fields, retryDelayMs: undefined };
}

Deno.test("every field of every request is refused what it may not hold, by its own name", async (t) => {
  await using scene = await Scene.open({ maxReceiveMib: 16 });
  let asked = 0;
  for (const { name } of methods) {
    await t.step(name, async () => {
      for (const place of places.filter(({ method }) => method === name)) {
        const field = place.way.at(-1)!;
        const rule = requestRules[keyOf(field)]!;
        const path = pathOf(place);
        for (const value of wrongValues(field, rule)) {
          const { code, fields, message } = await ask(scene, name, requestWith(place, value));
          const what = `${name} ${path}: ${code} ${message}`;
          assert.equal(code, "INVALID_ARGUMENT", what);
          const isOneOf = field.partOf && value === "";
          const own = fields.some((each) =>
            each === path || each.startsWith(`${path}[`) || path.startsWith(`${each}.`) ||
            path.startsWith(`${each}[`)
          );
          assert.ok(own || isOneOf, `${what}; it names ${fields.join(", ")}`);
          asked++;
        }
      }
    });
  }
  assert.ok(asked > 200, `${asked} wrong values were sent`);
  assert.deepEqual(scene.logged, []);
});

Deno.test("every required field is missed in a request that has nothing", async (t) => {
  await using scene = await Scene.open();
  for (const { name, request, method } of methods.filter(({ method }) => !method.requestStream)) {
    const required = request.fieldsArray.filter((field) => {
      const rule = requestRules[keyOf(field)]!;
      return rule.kind === "required" || "required" in rule;
    }).map((field) => fieldName(field.name));
    if (required.length === 0) continue;
    await t.step(`${name} ${method.resolvedRequestType!.name}`, async () => {
      const { code, fields } = await ask(scene, name, {});
      assert.equal(code, "INVALID_ARGUMENT");
      for (const field of required) assert.ok(fields.includes(field), `${field} of ${fields}`);
    });
  }
});

Deno.test("the services that are walked are all that tinct.v1 and inference have", () => {
  const contract = loadPublicContract();
  for (const [name] of services) contract.service(name as PublicService);
  const found: string[] = [];
  const walk = (namespace: protobuf.NamespaceBase) => {
    for (const each of namespace.nestedArray) {
      if (each instanceof protobuf.Service) found.push(each.fullName.slice(1));
      else if (each instanceof protobuf.Namespace) walk(each);
    }
  };
  for (const name of ["tinct.v1", "inference"]) walk(root.lookup(name) as protobuf.Namespace);
  assert.deepEqual(found.sort(), services.map(([name]) => name).sort());
});
