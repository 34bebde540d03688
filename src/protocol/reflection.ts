import { status as codes } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import descriptor from "protobufjs/ext/descriptor/index.js";
import type { Contract, PublicService } from "./contract.ts";
import type { ServerReflectionHandlers } from "./generated/grpc/reflection/v1/server_reflection.ts";
import type { ServerReflectionRequest__Output } from "./generated/grpc/reflection/v1/server_reflection_request.ts";
import type { ServerReflectionResponse } from "./generated/grpc/reflection/v1/server_reflection_response.ts";
import { memberOf } from "./one_of.ts";

/*
 * The package @grpc/reflection (1.0.4) answers with files that name no imports, so that grpcurl and
 * Python refuse every service with a Timestamp in it (grpc/grpc-node#3034). This hands out the files
 * that buf has compiled, byte for byte.
 */

/** A proto file. */
interface ProtoFile {
  readonly name: string;
  readonly dependencies: readonly string[];
  /** The serialized FileDescriptorProto. */
  readonly bytes: Uint8Array;
}

/** Knows files by name, and by the symbols that they declare. */
class ProtoFiles {
  readonly #byName = new Map<string, ProtoFile>();
  readonly #bySymbol = new Map<string, ProtoFile>();

  /** @param image a serialized google.protobuf.FileDescriptorSet. */
  constructor(image: Uint8Array) {
    const reader = protobuf.Reader.create(image);
    while (reader.pos < reader.len) {
      reader.uint32(); // `file`, the only field
      this.#add(reader.bytes());
    }
  }

  /** A file and all it depends on; undefined where there is no such file. */
  named(name: string): Uint8Array[] | undefined {
    return this.#withDependencies(this.#byName.get(name));
  }

  /** The file that declares a message, enum, service or method, and all it depends on. */
  declaring(symbol: string): Uint8Array[] | undefined {
    return this.#withDependencies(this.#bySymbol.get(symbol));
  }

  #add(bytes: Uint8Array): void {
    const proto = descriptor.FileDescriptorProto.decode(bytes) as descriptor.IFileDescriptorProto;
    const file = { name: proto.name ?? "", dependencies: proto.dependency ?? [], bytes };
    this.#byName.set(file.name, file);
    const declare = (scope: string, name: string | undefined): string => {
      const symbol = `${scope}.${name}`;
      this.#bySymbol.set(symbol, file);
      return symbol;
    };
    const declareMessage = (scope: string, message: descriptor.IDescriptorProto): void => {
      const symbol = declare(scope, message.name);
      for (const nested of message.nestedType ?? []) declareMessage(symbol, nested);
      for (const { name } of message.enumType ?? []) declare(symbol, name);
    };
    const scope = proto.package ?? "";
    for (const message of proto.messageType ?? []) declareMessage(scope, message);
    for (const { name } of proto.enumType ?? []) declare(scope, name);
    for (const service of proto.service ?? []) {
      const symbol = declare(scope, service.name);
      for (const { name } of service.method ?? []) declare(symbol, name);
    }
  }

  #withDependencies(file: ProtoFile | undefined): Uint8Array[] | undefined {
    if (file === undefined) return undefined;
    const found = new Set([file]);
    for (const { dependencies } of found) { // grows while it is walked
      for (const name of dependencies) {
        const dependency = this.#byName.get(name);
        if (dependency !== undefined) found.add(dependency);
      }
    }
    return [...found].map(({ bytes }) => bytes);
  }
}

/**
 * Reflection, for grpc.reflection.v1.
 *
 * @param image the contract as a serialized FileDescriptorSet, see `readContractImage`.
 * @param services full names of the services that are listed.
 */
export function reflectionHandlers(
  image: Uint8Array,
  services: readonly string[],
): ServerReflectionHandlers {
  const files = new ProtoFiles(image);
  return {
    ServerReflectionInfo: (call) => {
      call.on("data", (request: ServerReflectionRequest__Output) => {
        const answer = answerTo(request, files, services);
        if (call.write({ validHost: request.host, originalRequest: request, ...answer })) return;
        call.pause();
        call.once("drain", () => call.resume());
      });
      call.on("end", () => call.end());
    },
  };
}

/** grpc.reflection.v1alpha, which older clients ask for: the same messages under another path. */
export function olderReflection(
  contract: Contract<PublicService>,
): ReturnType<typeof contract.service<"grpc.reflection.v1.ServerReflection">> {
  const { ServerReflectionInfo } = contract.service("grpc.reflection.v1.ServerReflection");
  const path = "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo";
  return { ServerReflectionInfo: { ...ServerReflectionInfo, path } };
}

function answerTo(
  request: ServerReflectionRequest__Output,
  files: ProtoFiles,
  services: readonly string[],
): ServerReflectionResponse {
  const question = memberOf(request, "messageRequest");
  switch (question?.kind) {
    case "listServices":
      return { listServicesResponse: { service: services.map((name) => ({ name })) } };
    case "fileByFilename":
      return fileAnswer(question.value, files.named(question.value));
    case "fileContainingSymbol":
      return fileAnswer(question.value, files.declaring(question.value));
    case "fileContainingExtension":
      return missing(`an extension of ${question.value.containingType}`);
    case "allExtensionNumbersOfType":
      return files.declaring(question.value) === undefined
        ? missing(question.value)
        : { allExtensionNumbersResponse: { baseTypeName: question.value } };
    case undefined: {
      const errorMessage = "The request asks for nothing that is known here.";
      return { errorResponse: { errorCode: codes.UNIMPLEMENTED, errorMessage } };
    }
  }
}

function fileAnswer(wanted: string, found: Uint8Array[] | undefined): ServerReflectionResponse {
  if (found === undefined) return missing(wanted);
  return { fileDescriptorResponse: { fileDescriptorProto: found } };
}

function missing(wanted: string): ServerReflectionResponse {
  return { errorResponse: { errorCode: codes.NOT_FOUND, errorMessage: `No ${wanted} here.` } };
}
