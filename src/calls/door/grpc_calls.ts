import type {
  Metadata,
  sendUnaryData,
  ServerDuplexStream,
  ServerReadableStream,
  ServerUnaryCall,
  ServerWritableStream,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { Services } from "../../protocol/contract_types.ts";
import { checkOutgoing } from "../../protocol/outgoing.ts";
import { cutStalled } from "../../protocol/outlet.ts";
import { type MessageSource, readOneAhead, receive } from "../../protocol/receive.ts";
import { type MessageSink, send } from "../../protocol/send.ts";
import type { Admission, Calls, IncomingCall } from "../call.ts";
import type {
  AnyMethod,
  BidiMethod,
  ClientStreamMethod,
  ServedService,
  ServerStreamMethod,
  UnaryMethod,
} from "../methods.ts";
import { grpcStatus } from "./grpc_status.ts";

/** How gRPC's calls are answered. */
interface GrpcCallsOptions {
  /** The life of every call. */
  readonly calls: Calls;
  /** What the door knows of a call that it let in. */
  readonly admission: (call: object) => Admission;
  /** A client that takes nothing of its answers for so long loses its call, in milliseconds. */
  readonly maxStallMs: number;
}

/** What is common to grpc-js's calls of every kind. */
interface GrpcCall {
  on(event: "cancelled", listener: () => void): unknown;
  readonly metadata: Metadata;
  getPath(): string;
  getPeer(): string;
  getDeadline(): Date | number;
}

/**
 * Makes grpc-js's handlers of a service's methods. Requests are read as the methods take them, and
 * answers written as the client takes them. Whatever a method throws reaches the client as a status:
 * grpc-js alone would leave the client hanging.
 */
export class GrpcCalls {
  readonly #options: GrpcCallsOptions;

  constructor(options: GrpcCallsOptions) {
    this.#options = options;
  }

  /** The handlers of a service. */
  handlers(
    { methods }: ServedService,
  ): Services[ServedService["name"]]["handlers"] & UntypedServiceImplementation {
    const named = Object.entries(methods);
    const handlers = named.map(([name, method]) => [name, this.#handler(method)] as const);
    // A `ServedService` has each method under the name of its handler.
    return Object.fromEntries(handlers) as
      & Services[ServedService["name"]]["handlers"]
      & UntypedServiceImplementation;
  }

  #handler(method: AnyMethod): UntypedHandleCall {
    switch (method.kind) {
      case "unary":
        return this.#unary(method);
      case "serverStream":
        return this.#serverStream(method);
      case "clientStream":
        return this.#clientStream(method);
      case "bidi":
        return this.#bidi(method);
    }
  }

  #unary(method: UnaryMethod<object, unknown>) {
    const { calls, maxStallMs } = this.#options;
    return (call: ServerUnaryCall<object, unknown>, answer: sendUnaryData<unknown>) => {
      const check = (value: unknown) => checkOutgoing(call, value);
      void calls.unary(this.#incoming(call), method, call.request, check).then((ending) => {
        if ("status" in ending) answer(grpcStatus(ending.status));
        else answer(null, ending.value);
        cutStalled(call, maxStallMs);
      });
    };
  }

  #serverStream(method: ServerStreamMethod<object, unknown>) {
    const { calls } = this.#options;
    return (call: ServerWritableStream<object, unknown>) => {
      const writer = this.#writer(call);
      void calls.serverStream(this.#incoming(call), method, call.request, writer).then((ending) =>
        "status" in ending ? call.emit("error", grpcStatus(ending.status)) : call.end()
      );
    };
  }

  #clientStream(method: ClientStreamMethod<object, unknown>) {
    const { calls } = this.#options;
    return (call: ServerReadableStream<object, unknown>, answer: sendUnaryData<unknown>) => {
      readOneAhead(call);
      const check = (value: unknown) => checkOutgoing(call, value);
      void calls.clientStream(this.#incoming(call), method, reader(call), check).then((ending) =>
        "status" in ending ? answer(grpcStatus(ending.status)) : answer(null, ending.value)
      );
    };
  }

  #bidi(method: BidiMethod<object, unknown>) {
    const { calls } = this.#options;
    return (call: ServerDuplexStream<object, unknown>) => {
      readOneAhead(call);
      const writer = this.#writer(call);
      void calls.bidi(this.#incoming(call), method, reader(call), writer).then((ending) =>
        "status" in ending ? call.emit("error", grpcStatus(ending.status)) : call.end()
      );
    };
  }

  #incoming(call: GrpcCall): IncomingCall {
    const { metadata } = call;
    return {
      protocol: "grpc",
      path: call.getPath(),
      peer: () => call.getPeer(),
      headers: {
        names: () => Object.keys(metadata.getMap()),
        get: (name) => metadata.get(name)[0]?.toString(),
      },
      deadlineMs: Number(call.getDeadline()),
      admission: () => this.#options.admission(call),
      // grpc-js tells a passed deadline and a client that is gone by the same event. It also comes
      // after calls that succeeded.
      onGone: (listener) => void call.on("cancelled", () => listener()),
    };
  }

  #writer(call: MessageSink<unknown>) {
    const { maxStallMs } = this.#options;
    return (message: unknown, signal: AbortSignal) => send(call, message, { signal, maxStallMs });
  }
}

function reader<Request>(call: MessageSource<Request>) {
  return (signal: AbortSignal) => receive(call, { signal });
}
