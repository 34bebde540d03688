import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ChannelCredentials,
  type Client,
  type ClientOptions,
  makeGenericClientConstructor,
  type Server,
  type ServiceDefinition,
  type UntypedHandleCall,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  fromJSON,
  type MessageTypeDefinition,
  type Options,
  type PackageDefinition,
} from "@grpc/proto-loader";
import protobuf from "protobufjs";
import type { Messages, Services } from "./contract_types.ts";
import { type FieldRules, IncomingCheck } from "./incoming_check.ts";
import { type Json, messageJson } from "./message_json.ts";
import { MAX_CLIENT_BYTES, setOutgoing } from "./outgoing.ts";
import { OutgoingCheck } from "./outgoing_check.ts";

/**
 * How values come out of messages: 64-bit integers as numbers (one past 2^53 comes out unsafe, see
 * Number.isSafeInteger), enums by name (an unknown one as its number), bytes as Buffers, fields in
 * camelCase. Fields that are not set have their defaults, except `optional` ones and members of a
 * oneof. The types in `generated` are made with the same choices.
 */
const LOADER_OPTIONS: Options = { longs: Number, enums: String, defaults: true, oneofs: true };

/** The protos of what the server offers to clients. */
const PUBLIC_PROTOS = [
  "tinct/v1/colorization_service.proto",
  "tinct/v1/dataset_service.proto",
  "tinct/v1/model_service.proto",
  "tinct/v1/sweep_service.proto",
  "tinct/v1/training_job_service.proto",
  "grpc/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto",
  "google/rpc/error_details.proto",
  "google/rpc/status.proto",
];

/** The protos between the server and its workers. */
const WORKER_PROTOS = ["tinct/worker/v1/worker.proto"];

/** Full name of a service between client and server. */
export type PublicService = Exclude<keyof Services, "tinct.worker.v1.WorkerService">;

/** Services and messages as they were loaded; hands them out under their types. */
export class Contract<Name extends keyof Services> {
  readonly #definition: PackageDefinition;
  readonly #root: protobuf.Root;
  readonly #check: OutgoingCheck;

  /** Takes types that have every service of `Name`; see `loadPublicContract`. */
  constructor(root: protobuf.Root) {
    this.#definition = fromJSON(root.toJSON(), LOADER_OPTIONS);
    this.#root = root;
    this.#check = new OutgoingCheck(root);
  }

  /**
   * Puts a service with its handlers on a server. Every answer is checked, see `OutgoingCheck`, and
   * `checkOutgoing` does that before it is handed over. A message that goes to many, the same object
   * for all of them, is checked and encoded once; so none may change after it was sent.
   *
   * @param maxBytes the most bytes of an answer; what clients take by default when left out.
   */
  serve<N extends Name>(
    server: Server,
    name: N,
    handlers: Services[N]["handlers"] & UntypedServiceImplementation,
    maxBytes = MAX_CLIENT_BYTES,
  ): void {
    const methods: Record<string, ServiceDefinition[string]> = {};
    const noted: Record<string, UntypedHandleCall> = {};
    for (const [key, method] of Object.entries(this.service(name) as ServiceDefinition)) {
      const type = responseType(name, method);
      const encode = encodeOnce((message: unknown) => {
        this.#check.check(type, message);
        return method.responseSerialize(message);
      });
      methods[key] = { ...method, responseSerialize: encode };
      const handle = handlers[key] as ((call: object, ...rest: unknown[]) => void) | undefined;
      if (handle === undefined) continue;
      noted[key] = (call: object, ...rest: unknown[]) => {
        setOutgoing(call, { encode, maxBytes });
        handle(call, ...rest);
      };
    }
    server.addService(methods, noted);
  }

  /** Checks a message before it is sent. @throws {TypeError} see `OutgoingCheck`. */
  check(type: string, message: unknown): void {
    this.#check.check(type, message);
  }

  /** Finds what is wrong with requests. */
  incoming(rules: FieldRules): IncomingCheck {
    return new IncomingCheck(this.#root, rules);
  }

  /** A message that was received, as JSON; see `messageJson`. @param type such as "tinct.v1.Sweep". */
  json(type: string, message: object): Readonly<Record<string, Json>> {
    return messageJson(this.#root.lookupType(type), message);
  }

  /** A client of a service; the caller closes it. */
  connect<N extends Name>(
    name: N,
    address: string,
    credentials: ChannelCredentials,
    options: ClientOptions = {},
  ): Services[N]["client"] & Client {
    const ServiceClient = makeGenericClientConstructor(this.service(name), name);
    // grpc-js adds the methods while it runs; `Services` says which ones.
    return new ServiceClient(address, credentials, options) as unknown as Services[N]["client"];
  }

  /** A service's methods with their paths, readers and writers. */
  service<N extends Name>(name: N): Services[N]["definition"] & ServiceDefinition {
    return this.#find(name) as unknown as Services[N]["definition"];
  }

  /** Reads and writes messages that travel inside others. */
  message<N extends keyof Messages>(
    name: N,
  ): MessageTypeDefinition<Messages[N]["input"], Messages[N]["output"]> {
    return this.#find(name) as unknown as MessageTypeDefinition<
      Messages[N]["input"],
      Messages[N]["output"]
    >;
  }

  #find(name: string): PackageDefinition[string] {
    const found = this.#definition[name];
    if (found === undefined) throw new TypeError(`${name} is in none of the loaded protos.`);
    return found;
  }
}

/** Loads what the server offers to clients. Reads the files of `protos/`, about 60 ms. */
export function loadPublicContract(): Contract<PublicService> {
  return new Contract(loadTypes(PUBLIC_PROTOS));
}

/** Loads what the server and its workers say to each other. Reads the files of `protos/`. */
export function loadWorkerContract(): Contract<"tinct.worker.v1.WorkerService"> {
  return new Contract(loadTypes(WORKER_PROTOS));
}

/** The public contract as a serialized google.protobuf.FileDescriptorSet, for reflection. */
export function readContractImage(): Uint8Array {
  return readFileSync(`${protosFolder()}/contract.binpb`);
}

/** Full name of a method's answer, which is of the service's own package. */
function responseType(service: string, method: object): string {
  // proto-loader's definitions of methods say more than grpc-js asks of them.
  const { responseType: { type } } = method as {
    responseType: MessageTypeDefinition<object, object>;
  };
  return `${service.slice(0, service.lastIndexOf("."))}.${(type as { name: string }).name}`;
}

/** Reads protos. @param files relative to the folder `protos`. */
export function loadTypes(files: readonly string[]): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, path) => isAbsolute(path) ? path : join(protosFolder(), path);
  root.loadSync([...files]);
  root.resolveAll();
  return root;
}

function protosFolder(): string {
  return fileURLToPath(new URL("../../protos", import.meta.url));
}

/** An encoder that remembers what it made of a message for as long as somebody holds the message. */
function encodeOnce<T>(encode: (message: T) => Buffer): (message: T) => Buffer {
  const encoded = new WeakMap<object, Buffer>();
  return (message) => {
    if (typeof message !== "object" || message === null) return encode(message);
    const known = encoded.get(message);
    if (known) return known;
    const bytes = encode(message);
    encoded.set(message, bytes);
    return bytes;
  };
}
