import protobuf from "protobufjs";

/**
 * The oneofs that say nothing when none of their members is set, so that one always is. Of the others
 * (where a job began, for one) none is an answer, too.
 */
const requiredOneofs: ReadonlySet<string> = new Set([
  "grpc.reflection.v1.ServerReflectionResponse.messageResponse",
  "tinct.v1.StreamMetricsResponse.event",
  "tinct.v1.SweepParameter.domain",
  "tinct.v1.SweepValue.value",
  "tinct.worker.v1.Assignment.work",
  "tinct.worker.v1.WorkRequest.message",
  "tinct.worker.v1.WorkResponse.message",
]);

/** The whole numbers that fit, by type; 64-bit ones as far as JavaScript's numbers are exact. */
const ranges: Readonly<Record<string, readonly [min: number, max: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  sint32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  int64: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/**
 * Knows what messages may hold, and finds what is wrong with one before it is sent: the encoder itself
 * makes something of anything, such as 0 of a number that is none, and leaves out what it does not
 * know.
 */
export class OutgoingCheck {
  readonly #root: protobuf.Root;

  /** @param root the messages' types, resolved. */
  constructor(root: protobuf.Root) {
    this.#root = root;
  }

  /**
   * Checks a message: no field that its type does not have, no value of another type or out of range,
   * no number that is not finite, one member of a oneof at most, and one where one must be.
   *
   * @param typeName such as "tinct.v1.TrainResponse".
   * @throws {TypeError} which names the field and its value.
   */
  check(typeName: string, message: unknown): void {
    checkMessage(this.#root.lookupType(typeName), message, typeName);
  }
}

function checkMessage(type: protobuf.Type, message: unknown, path: string): void {
  if (!isRecord(message)) throw wrong(path, "must be a message", message);
  for (const [name, value] of Object.entries(message)) {
    if (value === undefined || value === null) continue;
    const field = type.fields[name];
    if (field !== undefined) checkField(field, value, `${path}.${name}`);
    // What was received has the names of oneofs, too, with the member that is set.
    else if (type.oneofs?.[name] === undefined) {
      throw wrong(`${path}.${name}`, "is not a field", value);
    }
  }
  for (const { name, fieldsArray } of type.oneofsArray) {
    const members = fieldsArray.map((field) => field.name);
    const set = members.filter((member) =>
      message[member] !== undefined && message[member] !== null
    );
    if (set.length > 1) {
      throw wrong(`${path}.${name}`, "can be one thing at a time", set.join(", "));
    }
    if (set.length === 0 && requiredOneofs.has(`${type.fullName.slice(1)}.${name}`)) {
      throw wrong(`${path}.${name}`, `must be one of ${members.join(", ")}`, undefined);
    }
  }
}

function checkField(field: protobuf.Field, value: unknown, path: string): void {
  if (field instanceof protobuf.MapField) {
    if (!isRecord(value)) throw wrong(path, "must be values by name", value);
    for (const [key, each] of Object.entries(value)) checkValue(field, each, `${path}.${key}`);
  } else if (field.repeated) {
    if (!Array.isArray(value)) throw wrong(path, "must be a list", value);
    value.forEach((each, index) => checkValue(field, each, `${path}[${index}]`));
  } else checkValue(field, value, path);
}

function checkValue({ type, resolvedType }: protobuf.Field, value: unknown, path: string): void {
  if (resolvedType instanceof protobuf.Type) return checkMessage(resolvedType, value, path);
  if (resolvedType instanceof protobuf.Enum) {
    // A number is a value that this version does not know.
    const isKnown = typeof value === "string" && Object.hasOwn(resolvedType.values, value);
    if (!isKnown && !Number.isInteger(value)) throw wrong(path, `must be a ${type}`, value);
    return;
  }
  const range = ranges[type];
  if (range !== undefined) {
    const fits = Number.isInteger(value) && Number(value) >= range[0] && Number(value) <= range[1];
    if (!fits) throw wrong(path, `must be a whole number (${type})`, value);
    return;
  }
  switch (type) {
    case "double":
    case "float":
      if (!Number.isFinite(value)) throw wrong(path, "must be a finite number", value);
      return;
    case "bytes":
      if (!(value instanceof Uint8Array)) throw wrong(path, "must be bytes", value);
      return;
    case "bool":
      if (typeof value !== "boolean") throw wrong(path, "must be true or false", value);
      return;
    case "string":
      if (typeof value !== "string") throw wrong(path, "must be text", value);
      return;
    default:
      throw new TypeError(`${path} is of a type that nothing here sends: ${type}.`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    !(value instanceof Uint8Array);
}

function wrong(path: string, what: string, value: unknown): TypeError {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return new TypeError(
    `A message to be sent is wrong: ${path} ${what}, not ${text.slice(0, 60)}.`,
  );
}
