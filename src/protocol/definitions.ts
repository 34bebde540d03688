import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import type protobuf from "protobufjs";

/** Messages of a type as bytes, and back. */
export interface Codec<Input, Output> {
  /** @throws {TypeError} for a value that the type cannot hold. */
  serialize(value: Input): Buffer;
  /** @throws {RangeError} for bytes that end too early. */
  deserialize(bytes: Uint8Array): Output;
}

/**
 * How values come out of messages: 64-bit integers as numbers (one past 2^53 comes out unsafe, see
 * Number.isSafeInteger), enums by name (an unknown one as its number), bytes as Buffers, fields in
 * camelCase. Fields that are not set have their defaults, except `optional` ones and members of a
 * oneof. The types in `generated` are made with the same choices.
 */
const VALUES: protobuf.IConversionOptions = {
  longs: Number,
  enums: String,
  defaults: true,
  oneofs: true,
};

/**
 * What a type's messages are written and read with. protobufjs makes the code for it at the first
 * message, so a type that nobody uses costs nothing.
 */
export function codecOf(type: protobuf.Type): Codec<object, object> {
  return {
    serialize(value) {
      if (Array.isArray(value)) throw new TypeError(`A ${type.name} was expected, not a list.`);
      // Under Node's API the writer writes into Buffers.
      return type.encode(type.fromObject(value)).finish() as Buffer;
    },
    deserialize: (bytes) => type.toObject(type.decode(bytes), VALUES),
  };
}

/**
 * The methods of a service as grpc-js takes them. @grpc/proto-loader makes the same, and beside it a
 * descriptor of each message, which nothing here reads and which takes most of a client's start.
 *
 * @param service its types are resolved.
 */
export function methodsOf(service: protobuf.Service): ServiceDefinition {
  return Object.fromEntries(
    service.methodsArray.map((
      method,
    ) => [method.name, methodOf(method, service.fullName.slice(1))]),
  );
}

function methodOf(method: protobuf.Method, service: string): MethodDefinition<object, object> {
  const { resolvedRequestType, resolvedResponseType, name } = method;
  if (resolvedRequestType === null || resolvedResponseType === null) {
    throw new TypeError(`The types of ${service}.${name} are not resolved.`);
  }
  const request = codecOf(resolvedRequestType);
  const response = codecOf(resolvedResponseType);
  return {
    path: `/${service}/${name}`,
    requestStream: method.requestStream ?? false,
    responseStream: method.responseStream ?? false,
    requestSerialize: request.serialize,
    requestDeserialize: request.deserialize,
    responseSerialize: response.serialize,
    responseDeserialize: response.deserialize,
    originalName: `${name.charAt(0).toLowerCase()}${name.slice(1)}`,
  };
}
