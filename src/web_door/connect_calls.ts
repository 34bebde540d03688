import { Buffer } from "node:buffer";
import {
  create,
  type DescMessage,
  type DescMethod,
  type FileRegistry,
  fromBinary,
  type Message,
  toBinary,
  toJsonString,
} from "@bufbuild/protobuf";
import {
  type ContextValues,
  createConnectRouter,
  createContextKey,
  createContextValues,
  type HandlerContext,
} from "@connectrpc/connect";
import { compressionGzip } from "@connectrpc/connect-node";
import type { UniversalHandler, UniversalServerResponse } from "@connectrpc/connect/protocol";
import { TinctError } from "../errors.ts";
import type { Contract, MethodWire, PublicService } from "../protocol/contract.ts";
import { encodeOnce } from "../protocol/encode_once.ts";
import { requireFitting } from "../protocol/outgoing.ts";
import type { Calls } from "../calls/call.ts";
import { type AnyMethod, bringsPhoto, type ServedService } from "../calls/methods.ts";
import type { CallStatus } from "../calls/status.ts";
import { AnswerStream } from "./answer_stream.ts";
import type { ConnectErrors } from "./connect_errors.ts";
import type { Visit, VisitedMethod } from "./visit.ts";
import type { Answer } from "./write_answer.ts";

/** How calls over HTTP are answered. */
interface ConnectCallsOptions {
  readonly contract: Contract<PublicService>;
  readonly descriptors: FileRegistry;
  readonly errors: ConnectErrors;
  /** The life of every call. */
  readonly calls: Calls;
  readonly services: readonly ServedService[];
  /** Largest message that is taken, in bytes. */
  readonly maxReceiveBytes: number;
  /** A stream gives a sign of life where it had nothing to say for so long, in ms. */
  readonly signEveryMs: number;
}

/** A method that the door serves. */
interface Served extends VisitedMethod {
  readonly handler: UniversalHandler;
}

/** Under which a handler finds its call. */
const visitKey = createContextKey<Visit | undefined>(undefined);

/**
 * Serves the methods of services by the Connect protocol and gRPC-Web. Connect's library reads and
 * writes the protocols; what a call is, `Calls` knows. Messages go between the two in the protos' binary
 * format, as those of gRPC come and go.
 */
export class ConnectCalls {
  readonly #options: ConnectCallsOptions;
  readonly #methods = new Map<string, Served>();

  constructor(options: ConnectCallsOptions) {
    this.#options = options;
    for (const { name, methods, maxBytes } of options.services) {
      const service = options.descriptors.getService(name);
      if (service === undefined) throw new TypeError(`${name} is not in the contract.`);
      for (const descriptor of service.methods) {
        const method = methods[descriptor.name];
        if (method === undefined) throw new TypeError(`${descriptor} has no handler.`);
        const wire = options.contract.wire(name, descriptor.name);
        const handler = this.#handler(descriptor, method, wire, maxBytes);
        this.#methods.set(wire.path, { path: wire.path, kind: method.kind, handler });
      }
    }
  }

  /** What a path leads to; undefined: nowhere. */
  methodAt(path: string): VisitedMethod | undefined {
    return this.#methods.get(path);
  }

  /** Answers a call. @param signal aborted when its connection is gone. */
  async answer(visit: Visit, signal: AbortSignal): Promise<Answer> {
    const answered = await this.#ask(visit, signal);
    if (visit.isKnown) return begun(answered, visit.stream);
    const misfit = protocolMisfit(answered, visit);
    if (misfit !== undefined) return misfit;
    // The library itself refused what came, in words of its own and without details.
    const { words, isTooLarge } = await saidBy(answered);
    visit.refusal = isTooLarge ? this.#tooLarge() : noRequest(visit.method.path, words);
    return await this.#ask(visit, signal);
  }

  #ask(visit: Visit, signal: AbortSignal): Promise<UniversalServerResponse> {
    const { handler } = this.#methods.get(visit.method.path)!;
    const { request } = visit;
    return handler({
      // The library answers calls that stream both ways, over HTTP/1.1, with a status of HTTP alone.
      httpVersion: visit.method.kind === "bidi" ? "2.0" : request.httpVersion,
      method: request.method ?? "",
      url: `http://localhost${visit.method.path}`,
      header: visit.headers,
      body: visit.body(),
      signal,
      contextValues: valuesOf(visit),
    });
  }

  /** `readBody` has refused bodies that are so themselves. */
  #tooLarge(): TinctError {
    const { maxReceiveBytes } = this.#options;
    return new TinctError(
      "resource_exhausted",
      `The request has more than ${maxReceiveBytes} bytes, decompressed, and that is the limit ` +
        "(--max-receive-mib): send less at a time.",
      { kind: "MESSAGE_TOO_LARGE", retryDelayMs: Infinity },
    );
  }

  #handler(
    descriptor: DescMethod,
    method: AnyMethod,
    wire: MethodWire,
    maxBytes: number,
  ): UniversalHandler {
    const { maxReceiveBytes } = this.#options;
    const router = createConnectRouter({
      grpc: false,
      // Compression makes pictures no smaller.
      acceptCompression: bringsPhoto(wire.path) || wire.path.endsWith("/StreamMetrics")
        ? []
        : [compressionGzip],
      readMaxBytes: maxReceiveBytes,
      // A person writes JSON: a key or an enum's name that is misspelt must not become the default.
      jsonOptions: { ignoreUnknownFields: false },
      requestGate: (context) => visitOf(context).admit(),
    });
    // The library's types say which messages a method has; here they are known at run time alone.
    router.rpc(descriptor, this.#implementation(descriptor, method, wire, maxBytes) as never);
    return router.handlers[0]!;
  }

  #implementation(
    descriptor: DescMethod,
    method: AnyMethod,
    wire: MethodWire,
    maxBytes: number,
  ): unknown {
    const { calls, errors, signEveryMs } = this.#options;
    const { output } = descriptor;
    const read = (message: Message, visit: Visit) => {
      const bytes = toBinary(descriptor.input, message);
      visit.keep(bytes);
      return wire.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    };
    const encode = (value: unknown) => {
      const bytes = wire.encode(value);
      requireFitting(bytes, maxBytes);
      return bytes;
    };
    const failed = (status: CallStatus) => errors.of(status);
    switch (method.kind) {
      case "unary":
        return async (message: Message, context: HandlerContext) => {
          const visit = visitOf(context);
          const request = read(message, visit);
          const ending = await calls.unary(visit.incoming(), method, request, encode);
          if ("status" in ending) throw failed(ending.status);
          return fromBinary(output, encode(ending.value));
        };
      case "serverStream": {
        const frames = framesOf(output, encode);
        return async function* (message: Message, context: HandlerContext) {
          const visit = visitOf(context);
          const request = read(message, visit);
          const { sign, frameOf } = visit.isJson ? frames.json : frames.binary;
          using stream = visit.stream = new AnswerStream({ sign, everyMs: signEveryMs });
          const write = (value: unknown, signal: AbortSignal) =>
            stream.put(frameOf(value as object), signal);
          const call = visit.incoming();
          yield create(output); // the library makes an answer of it; see `begun`
          const ended = await calls.serverStream(call, method, request, write);
          if ("status" in ended) throw failed(ended.status);
        };
      }
      default:
        // `Visit.admit` has refused it.
        return () => {
          throw new TypeError(`${wire.path} streams requests.`);
        };
    }
  }
}

/**
 * An answer whose call goes on: of what the library has made, its first message stands for those of
 * `stream`, which are written in its place. What follows it tells how the call ended.
 */
async function begun(
  answered: UniversalServerResponse,
  stream: AnswerStream | undefined,
): Promise<Answer> {
  const pieces = answered.body?.[Symbol.asyncIterator]();
  if (!stream || !pieces) return answered;
  await pieces.next();
  const end = pieces.next(); // begins the call
  end.catch(() => {}); // the one who writes the answer learns of it
  return { ...answered, stream, body: restOf(end, pieces) };
}

/** The pieces that follow. */
async function* restOf(
  first: Promise<IteratorResult<Uint8Array>>,
  pieces: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let piece = await first; !piece.done; piece = await pieces.next()) yield piece.value;
}

/** How the messages of a stream are written. */
interface Frames {
  /** One that says nothing. */
  readonly sign: () => Uint8Array;
  /** Of a message, made once; see `encodeOnce`. */
  readonly frameOf: (message: object) => Uint8Array;
}

/** The frames of Connect and gRPC-Web, which are the same. */
function framesOf(
  output: DescMessage,
  encode: (message: object) => Uint8Array,
): { readonly binary: Frames; readonly json: Frames } {
  const json = (bytes: Uint8Array) =>
    frame(Buffer.from(toJsonString(output, fromBinary(output, bytes))));
  return {
    binary: {
      sign: () => frame(new Uint8Array()),
      frameOf: encodeOnce((message) => frame(encode(message))),
    },
    json: {
      sign: () => json(new Uint8Array()),
      frameOf: encodeOnce((message) => json(encode(message))),
    },
  };
}

/** Five bytes before each message: that it is not compressed, and its length. */
function frame(message: Uint8Array): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(5 + message.length);
  bytes[0] = 0;
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
}

function visitOf({ values }: { readonly values: ContextValues }): Visit {
  const visit = values.get(visitKey);
  if (visit === undefined) throw new TypeError("A call came in by no door.");
  return visit;
}

function valuesOf(visit: Visit): ContextValues {
  return createContextValues().set(visitKey, visit);
}

/**
 * The answer to what is a call by none of the protocols. The library gives the status of HTTP alone, of
 * which `curl` shows nothing.
 */
function protocolMisfit(
  answered: UniversalServerResponse,
  { method: { path, kind }, request }: Visit,
): Answer | undefined {
  if (answered.status !== 405 && answered.status !== 415) return undefined;
  const type = request.headers["content-type"];
  const says = answered.status === 405
    ? `${path} is a call: POST to it.`
    : kind === "unary"
    ? `${path} takes application/json or application/proto, not ${type ?? "a body without a type"}.`
    : `${path} streams, which curl alone does not speak: call it by gRPC, or by a client of Connect ` +
      "or gRPC-Web (docs/clients.md of Tinct).";
  return {
    status: answered.status,
    header: new Headers({ "content-type": "text/plain; charset=utf-8" }),
    body: linesOf(says),
  };
}

async function* linesOf(text: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield await Promise.resolve(Buffer.from(`${text}\n`));
}

/** What the library says of a request that it refused, by Connect or gRPC-Web. */
async function saidBy(
  { status, body }: UniversalServerResponse,
): Promise<{ readonly words: string; readonly isTooLarge: boolean }> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body ?? []) pieces.push(piece);
  const text = Buffer.concat(pieces).toString("utf8");
  const said = /"message":("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return {
    words: said === undefined ? `HTTP ${status}` : String(JSON.parse(said)),
    isTooLarge: /"code":"resource_exhausted"|^grpc-status: 8\r$/m.test(text),
  };
}

function noRequest(path: string, words: string): TinctError {
  const description = `The request is not one for ${path}: ${words}`;
  return new TinctError("invalid_argument", description, {
    violations: [{ field: "", description }],
  });
}
