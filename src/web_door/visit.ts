import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import type { ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import type { Credentials } from "../access/access_control.ts";
import { addressKey } from "../protocol/address_key.ts";
import type { CallProtocol } from "../protocol/call_protocol.ts";
import type { CallKind } from "../protocol/stream_gate.ts";
import { releaseBuffer } from "../protocol/release_buffer.ts";
import { type Admissions, metadataBytes } from "../calls/admissions.ts";
import type { Admission, EndedCall, IncomingCall } from "../calls/call.ts";
import { logFailedCall } from "../calls/call_log.ts";
import { bringsPhoto } from "../calls/methods.ts";
import type { StatusMapper } from "../calls/status.ts";
import { readGrpcTimeout, timeoutMisfit } from "../calls/timeouts.ts";
import type { Log } from "../log/log.ts";
import type { ConnectErrors } from "./connect_errors.ts";
import { originMisfit, type OriginRules } from "./origins.ts";
import type { AnswerStream } from "./answer_stream.ts";
import { readBody } from "./read_body.ts";
import { cutOf } from "./write_answer.ts";

/** What calls over HTTP are taken in by. */
export interface VisitRules {
  readonly settings: ServiceSettings;
  readonly admissions: Admissions;
  readonly status: StatusMapper;
  readonly errors: ConnectErrors;
  readonly log: Log;
  /** Is told of a call that was refused before its handler began. */
  readonly onRefused: (call: EndedCall) => void;
  /** Whose pages may call. */
  readonly origins: () => OriginRules;
  /** What a request shows of who sends it. */
  readonly credentialsOf: (request: IncomingMessage) => Credentials;
}

/** A method as a door knows it. */
export interface VisitedMethod {
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  readonly kind: CallKind;
}

/** How long a body waits for room before its call is refused. */
const HOLD_MS = 20_000;

/** What is made of a body on its way to a handler, in times its size: itself, and the message again. */
const COPIES = { binary: 2, json: 3 } as const;

/** The most bytes of a compressed body's that DEFLATE makes of one (RFC 1951: 258 of two bits). */
const MOST_INFLATION = 1032;

/** Messages up to this size are covered by what every call takes of the budget. */
const COVERED_BYTES = 4 * 1024;

/** A call on its way through the door: a request of HTTP, from its headers to its end. */
export class Visit {
  readonly method: VisitedMethod;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly #rules: VisitRules;
  readonly #address: string;
  readonly #timeoutMs: number | TinctError;
  readonly #deadlineMs: number;
  readonly #onContinue: () => void;
  #admission: Admission | undefined;
  #body: Buffer | undefined;
  /** Whether its handler was begun, or it was refused: whether the log and the metrics know of it. */
  #isKnown = false;

  constructor(
    rules: VisitRules,
    { method, request, response, onContinue }: {
      readonly method: VisitedMethod;
      readonly request: IncomingMessage;
      readonly response: ServerResponse;
      /** Tells a client that waits for that to send its body. */
      readonly onContinue: () => void;
    },
  ) {
    this.#rules = rules;
    this.method = method;
    this.request = request;
    this.response = response;
    this.#address = addressKey(request.socket.remoteAddress);
    this.#timeoutMs = timeoutOf(request);
    this.#deadlineMs = this.#timeoutMs instanceof TinctError
      ? Infinity
      : Date.now() + this.#timeoutMs;
    this.#onContinue = onContinue;
    response.once("close", () => this.#admission?.share[Symbol.dispose]());
  }

  /** Set where its answers go by a stream. */
  stream: AnswerStream | undefined;

  /** Set where what came was no request: the call is then refused with it. */
  refusal: TinctError | undefined;

  /**
   * Its headers; what `curl -d` sends is JSON, whatever it says. The length of the body is left to
   * `readBody`, whose refusal says more.
   */
  get headers(): Headers {
    const headers = new Headers();
    for (const [name, value] of Object.entries(this.request.headers)) {
      if (value !== undefined && name !== "content-length") {
        headers.set(name, Array.isArray(value) ? value.join(", ") : value);
      }
    }
    const isForm = headers.get("content-type") === FORM;
    if (isForm && !browserHeaders.some((name) => headers.has(name))) {
      headers.set("content-type", "application/json");
    }
    return headers;
  }

  /** By which protocol it came; what is none of them is answered as Connect's. */
  get protocol(): CallProtocol {
    const type = this.request.headers["content-type"] ?? "";
    return type.startsWith("application/grpc-web") ? "grpc_web" : "connect";
  }

  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Whether its messages are JSON; the protos' binary format otherwise. */
  get isJson(): boolean {
    return /json/.test(this.request.headers["content-type"] ?? "");
  }

  /** Lets the call in. @throws {ConnectError} that it is refused by. */
  admit(): void {
    if (this.refusal) throw this.refuse(this.refusal);
    const { request, method: { path, kind } } = this;
    const found = this.#rules.admissions.lookAt({
      path,
      kind,
      address: this.#address,
      connection: request.socket,
      metadataBytes: metadataBytes(request.headers),
      credentials: () => this.#rules.credentialsOf(request),
      misfit: () =>
        originMisfit(request, this.#rules.origins()) ??
          (this.#timeoutMs instanceof TinctError ? this.#timeoutMs : undefined) ??
          streamMisfit(this.method),
      isStubborn: () => void request.socket.destroy(),
    });
    if (found instanceof TinctError) throw this.refuse(found);
    this.#admission = found;
    if (this.response.destroyed) found.share[Symbol.dispose]();
  }

  /** What an error is told the client as; the log and the metrics know of it then. */
  refuse(error: TinctError): ConnectError {
    const { path } = this.method;
    this.#isKnown = true;
    const status = this.#rules.status.statusOf(error, { method: path });
    const { code, details: reason } = status;
    const client = this.#admission?.client;
    const fields = client === undefined ? {} : { client };
    const { protocol } = this;
    const peer = this.#peer();
    logFailedCall(this.#rules.log, { protocol, method: path, code, reason, peer, fields });
    this.#rules.onRefused({ protocol, path, code });
    return this.#rules.errors.of(status);
  }

  /** The body of the request, whole, as one piece. @throws {ConnectError} that it is refused by. */
  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    const { settings } = this.#rules;
    const { headers } = this.request;
    const share = this.#admission?.share;
    const copies = this.isJson ? COPIES.json : COPIES.binary;
    const isCompressed = compressions.some((name) => (headers[name] ?? "identity") !== "identity");
    const maxBytes = settings.maxReceiveMib * 2 ** 20;
    try {
      this.#body = await readBody(this.request, {
        maxBytes,
        arrivalMs: settings.maxArrivalSeconds * 1000,
        advice: bringsPhoto(this.method.path)
          ? "send a smaller photo"
          : "send less at a time; photos of datasets go by UploadPieces",
        takeRoom: async (bytes) => {
          const whole = isCompressed ? Math.min(maxBytes, bytes * MOST_INFLATION) : bytes;
          if (whole > COVERED_BYTES) await share?.take(copies * whole, HOLD_MS);
        },
        onReady: this.#onContinue,
      });
    } catch (error) {
      throw error instanceof TinctError ? this.refuse(error) : error;
    }
    yield this.#body;
  }

  /** Takes a message's own bytes, which the handler reads; those of the body are done with. */
  keep(message: Uint8Array): void {
    this.#admission?.share.keepBuffer(message);
    if (this.#body) releaseBuffer(this.#body);
    this.#body = undefined;
  }

  /** The call as its handler knows it. */
  incoming(): IncomingCall {
    const { request, response } = this;
    this.#isKnown = true;
    return {
      protocol: this.protocol,
      path: this.method.path,
      peer: () => this.#peer(),
      headers: {
        names: () => Object.keys(request.headers),
        get: (name) => {
          const value = request.headers[name];
          return Array.isArray(value) ? value[0] : value;
        },
      },
      deadlineMs: this.#deadlineMs,
      admission: () => {
        if (this.#admission === undefined) throw new TypeError("A call came in by no door.");
        return this.#admission;
      },
      onGone: (listener) => onGone(response, this.#deadlineMs, listener),
    };
  }

  #peer(): string {
    const { remoteAddress, remotePort } = this.request.socket;
    return `${remoteAddress ?? this.#address}:${remotePort ?? 0}`;
  }
}

/** What curl calls a body that it is given by `-d`, and a browser that of a form. */
const FORM = "application/x-www-form-urlencoded";

/** What browsers say of a request, and curl does not. */
const browserHeaders = ["origin", "referer", "cookie", "sec-fetch-site"] as const;

/** Where a request says that its messages are compressed. */
const compressions = ["content-encoding", "connect-content-encoding", "grpc-encoding"] as const;

/** Tells, once, that a connection carries a call no more, or that its time is over. */
function onGone(
  response: ServerResponse,
  deadlineMs: number,
  listener: (cut?: TinctError) => void,
): void {
  let isTold = false;
  const tell = () => {
    clearTimeout(timer);
    if (isTold) return;
    isTold = true;
    listener(cutOf(response));
  };
  const leftMs = deadlineMs - Date.now();
  const timer = Number.isFinite(leftMs)
    ? setTimeout(tell, Math.min(Math.max(0, leftMs), MAX_TIMER_MS))
    : undefined;
  if (response.destroyed) tell();
  else response.once("close", tell);
}

/** Longer ones JavaScript takes for none. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** How long a client waits, in ms, Infinity where it does not say; or what is wrong with what it says. */
function timeoutOf({ headers }: IncomingMessage): number | TinctError {
  const connect = headers["connect-timeout-ms"];
  if (connect === undefined) {
    const grpc = headers["grpc-timeout"];
    return grpc === undefined ? Infinity : readGrpcTimeout(grpc);
  }
  if (/^\d{1,10}$/.test(String(connect))) return Number(connect);
  return timeoutMisfit(connect, "a connect-timeout-ms: give up to ten digits, such as 30000.");
}

/** By the method that streams requests. */
const unaryInstead: Readonly<Record<string, string>> = {
  ColorizeStream: "call Colorize or ColorizeInPieces for each photo",
  ColorizeFrames: "call ColorizeInPieces for each frame",
  UploadDataset: "call UploadPieces",
  ModelStreamInfer: "call ModelInfer for each request",
};

/** What calls that stream requests are told, and what to call instead. */
function streamMisfit({ path, kind }: VisitedMethod): TinctError | undefined {
  if (kind === "unary" || kind === "serverStream") return undefined;
  const instead = unaryInstead[path.split("/").at(-1) ?? ""];
  const way = instead === undefined ? "" : `${instead}, or `;
  return new TinctError(
    "unimplemented",
    `${path} streams requests, which HTTP/1.1 does not carry: ${way}call the gRPC address.`,
    { kind: "NEEDS_GRPC" },
  );
}
