import { readFileSync } from "node:fs";
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
import protobuf from "protobufjs";
import type { Messages, Services } from "./contract_types.ts";
import { type Codec, codecOf, methodsOf } from "./definitions.ts";
import { encodeOnce } from "./encode_once.ts";
import { type FieldRules, IncomingCheck } from "./incoming_check.ts";
import { type Json, messageJson } from "./message_json.ts";
import { MAX_CLIENT_BYTES, setOutgoing } from "./outgoing.ts";
import { OutgoingCheck } from "./outgoing_check.ts";

/** The packages of what the server offers to clients. */
const PUBLIC_PACKAGES = [
  "tinct.v1",
  "inference",
  "grpc.health.v1",
  "grpc.reflection.v1",
  "google.rpc",
];

/** The package between the server and its workers. */
const WORKER_PACKAGES = ["tinct.worker.v1"];

/** Full name of a service between client and server. */
export type PublicService = Exclude<keyof Services, "tinct.worker.v1.WorkerService">;

/** The methods of a service under their types. */
type Methods<Definition> = {
  readonly [Name in keyof Definition]: Omit<
    Definition[Name],
    "requestType" | "responseType" | "options" // which @grpc/proto-loader adds
  >;
};

/** The messages of a method as bytes. */
export interface MethodWire {
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  /** A request. @throws what the decoder does. */
  readonly decode: (bytes: Buffer) => object;
  /** An answer. @throws {TypeError} for a wrong one, see `OutgoingCheck`. */
  readonly encode: (message: unknown) => Buffer;
}

/** Services and messages of some packages; hands them out under their types. */
export class Contract<Name extends keyof Services> {
  readonly #types: protobuf.Root;
  readonly #packages: readonly string[];
  readonly #check: OutgoingCheck;
  /** By the paths of their methods. */
  readonly #wires = new Map<string, MethodWire>();

  /**
   * @param types resolved; they have every service of `Name`.
   * @param packages full names: what is in no other is handed out.
   */
  constructor(types: protobuf.Root, packages: readonly string[]) {
    this.#types = types;
    this.#packages = packages;
    this.#check = new OutgoingCheck(types);
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
    for (const [key, method] of Object.entries(methodsOf(this.#find(name, protobuf.Service)))) {
      const { encode } = this.wire(name, key);
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

  /**
   * How a method's messages are read and written, whatever carries them. An answer is checked, and one
   * that goes to many is encoded once for all doors; see `serve`.
   */
  wire(name: Name, key: string): MethodWire {
    const service = this.#find(name, protobuf.Service);
    const method = methodsOf(service)[key];
    if (method === undefined) throw new TypeError(`${name} has no method ${key}.`);
    const known = this.#wires.get(method.path);
    if (known) return known;
    const type = service.methods[key]?.resolvedResponseType?.fullName.slice(1) ?? "";
    const made: MethodWire = {
      path: method.path,
      decode: (bytes) => method.requestDeserialize(bytes) as object,
      encode: encodeOnce((message: unknown) => {
        this.#check.check(type, message);
        return method.responseSerialize(message);
      }),
    };
    this.#wires.set(method.path, made);
    return made;
  }

  /** Checks a message before it is sent. @throws {TypeError} see `OutgoingCheck`. */
  check(type: string, message: unknown): void {
    this.#check.check(type, message);
  }

  /** Finds what is wrong with requests. */
  incoming(rules: FieldRules): IncomingCheck {
    return new IncomingCheck(this.#types, rules);
  }

  /** A message that was received, as JSON; see `messageJson`. @param type such as "tinct.v1.Sweep". */
  json(type: string, message: object): Readonly<Record<string, Json>> {
    return messageJson(this.#types.lookupType(type), message);
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
  service<N extends Name>(name: N): Methods<Services[N]["definition"]> & ServiceDefinition {
    const methods = methodsOf(this.#find(name, protobuf.Service));
    return methods as unknown as Methods<Services[N]["definition"]> & ServiceDefinition;
  }

  /** Reads and writes messages that travel inside others. */
  message<N extends keyof Messages>(
    name: N,
  ): Codec<Messages[N]["input"], Messages[N]["output"]> {
    const codec: unknown = codecOf(this.#find(name, protobuf.Type));
    return codec as Codec<Messages[N]["input"], Messages[N]["output"]>;
  }

  #find<T extends protobuf.ReflectionObject>(name: string, kind: new (name: string) => T): T {
    const isMine = this.#packages.includes(name.slice(0, name.lastIndexOf(".")));
    const found = isMine ? this.#types.lookup(name) : null;
    if (found instanceof kind) return found;
    throw new TypeError(`${name} is in none of ${this.#packages.join(", ")}.`);
  }
}

/** What the server offers to clients. */
export function loadPublicContract(): Contract<PublicService> {
  return new Contract(contractTypes(), PUBLIC_PACKAGES);
}

/** What the server and its workers say to each other. */
export function loadWorkerContract(): Contract<"tinct.worker.v1.WorkerService"> {
  return new Contract(contractTypes(), WORKER_PACKAGES);
}

let types: protobuf.Root | undefined;

/**
 * The types of both contracts, the same ones at every call, resolved. They are read from what
 * `deno task protos` has made of the protos: to parse those takes three times as long.
 */
export function contractTypes(): protobuf.Root {
  types ??= readTypes();
  return types;
}

function readTypes(): protobuf.Root {
  const path = fileURLToPath(new URL("./generated/contract.json", import.meta.url));
  const root = protobuf.Root.fromJSON(JSON.parse(readFileSync(path, "utf8")));
  root.resolveAll();
  return root;
}

/** The public contract as a serialized google.protobuf.FileDescriptorSet, for reflection. */
export function readContractImage(): Uint8Array {
  return readFileSync(`${protosFolder()}/contract.binpb`);
}

function protosFolder(): string {
  return fileURLToPath(new URL("../../protos", import.meta.url));
}
