import type { PublicService } from "../protocol/contract.ts";
import type { Services } from "../protocol/contract_types.ts";
import type { ServiceMethodTypes } from "../protocol/method_types.ts";
import { MAX_CLIENT_BYTES } from "../protocol/outgoing.ts";
import type { CallScope } from "./call_scope.ts";
import type { Violations } from "./fields.ts";

/** Notes what is wrong with a request beyond what was found already. */
export type FindMore<Request> = (request: Request, violations: Violations) => void | Promise<void>;

/** A request, an answer. */
export interface UnaryMethod<Request, Response> {
  readonly kind: "unary";
  readonly handle: (request: Request, scope: CallScope) => Promise<Response>;
  readonly findMore: FindMore<Request> | "answer" | undefined;
}

/** A request, many answers. */
export interface ServerStreamMethod<Request, Response> {
  readonly kind: "serverStream";
  readonly handle: (request: Request, scope: CallScope) => AsyncIterable<Response>;
  readonly findMore: FindMore<Request> | undefined;
}

/** Many requests, an answer. */
export interface ClientStreamMethod<Request, Response> {
  readonly kind: "clientStream";
  readonly handle: (
    requests: AsyncIterableIterator<Request>,
    scope: CallScope,
  ) => Promise<Response>;
}

/** Many requests, many answers. */
export interface BidiMethod<Request, Response> {
  readonly kind: "bidi";
  readonly handle: (
    requests: AsyncIterableIterator<Request>,
    scope: CallScope,
  ) => AsyncIterable<Response>;
}

/** A method of the kind and with the messages that a type says. */
type MethodOf<Types> = Types extends
  { readonly kind: infer Kind; readonly request: infer Request; readonly response: infer Response }
  ? Extract<
    | UnaryMethod<Request, Response>
    | ServerStreamMethod<Request, Response>
    | ClientStreamMethod<Request, Response>
    | BidiMethod<Request, Response>,
    { readonly kind: Kind }
  >
  : never;

/** The methods of a service: functions, which a door of any protocol may serve. */
export type ServiceMethods<Name extends keyof Services> = {
  readonly [Method in keyof ServiceMethodTypes<Name>]: MethodOf<ServiceMethodTypes<Name>[Method]>;
};

/** A method whose messages are known at run time alone. */
export type AnyMethod =
  | UnaryMethod<object, unknown>
  | ServerStreamMethod<object, unknown>
  | ClientStreamMethod<object, unknown>
  | BidiMethod<object, unknown>;

/** A service as doors serve it. */
export interface ServedService {
  readonly name: PublicService;
  /** By the names of the protos. */
  readonly methods: Readonly<Record<string, AnyMethod>>;
  /** The most bytes of an answer. */
  readonly maxBytes: number;
}

/** Names a service's methods for doors. @param maxBytes the most bytes of an answer. */
export function served<Name extends PublicService>(
  name: Name,
  methods: ServiceMethods<Name>,
  maxBytes = MAX_CLIENT_BYTES,
): ServedService {
  // `ServiceMethods` has each method under its name, and with the messages, of the contract.
  return { name, methods: methods as unknown as ServedService["methods"], maxBytes };
}

/**
 * A method with one request and one answer. A request that does not fit by its own words, see
 * `requestRules`, is refused before the function has it.
 *
 * @param findMore where a request is refused so: notes what else is wrong with it, so that a client
 *   is told all at once. What it finds the function refuses by itself, too. "answer": nothing is
 *   refused, as what is wrong is the answer.
 */
export function unary<Request, Response>(
  handle: UnaryMethod<Request, Response>["handle"],
  findMore?: FindMore<Request> | "answer",
): UnaryMethod<Request, Response> {
  return { kind: "unary", handle, findMore };
}

/**
 * A method with one request and many answers. The next answer is asked for when the client has taken
 * the one before, or little waits for it. The request is checked as that of `unary`.
 */
export function serverStream<Request, Response>(
  handle: ServerStreamMethod<Request, Response>["handle"],
  findMore?: FindMore<Request>,
): ServerStreamMethod<Request, Response> {
  return { kind: "serverStream", handle, findMore };
}

/** A method with many requests and one answer. A client sends on when its requests are read. */
export function clientStream<Request, Response>(
  handle: ClientStreamMethod<Request, Response>["handle"],
): ClientStreamMethod<Request, Response> {
  return { kind: "clientStream", handle };
}

/** A method with many requests and many answers, which go as those of the other streams. */
export function bidi<Request, Response>(
  handle: BidiMethod<Request, Response>["handle"],
): BidiMethod<Request, Response> {
  return { kind: "bidi", handle };
}

/** Whether a call brings one photo whole, so that what is too large is the photo. @param path of the call. */
export function bringsPhoto(path: string): boolean {
  return /\/(?:Colorize|ColorizeInPieces|ModelInfer)$/.test(path);
}
