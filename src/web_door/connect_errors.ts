import { type FileRegistry, fromBinary, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Code, ConnectError } from "@connectrpc/connect";
import type { Contract, PublicService } from "../protocol/contract.ts";
import type { CallStatus } from "../calls/status.ts";

const TYPE_PREFIX = "type.googleapis.com/";

/** Makes errors of Connect's library of what calls ended with, details and all. */
export class ConnectErrors {
  readonly #contract: Contract<PublicService>;
  readonly #descriptors: FileRegistry;

  constructor(contract: Contract<PublicService>, descriptors: FileRegistry) {
    this.#contract = contract;
    this.#descriptors = descriptors;
  }

  /** The codes of Connect are those of google.rpc.Code. */
  of({ code, details, encoded }: CallStatus): ConnectError {
    const error = new ConnectError(details, code as Code);
    const status = this.#contract.message("google.rpc.Status").deserialize(encoded);
    error.details = status.details.map(({ type_url, value }) => {
      const type = type_url.slice(TYPE_PREFIX.length);
      return { type, value, debug: this.#readable(type, value) };
    });
    return error;
  }

  /** A detail for people who look at the JSON. */
  #readable(type: string, value: Uint8Array): JsonValue {
    const descriptor = this.#descriptors.getMessage(type);
    return descriptor ? toJson(descriptor, fromBinary(descriptor, value)) : {};
  }
}
