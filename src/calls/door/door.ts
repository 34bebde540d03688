import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { ServiceSettings } from "../../config/service.ts";
import { TinctError } from "../../errors.ts";
import { addressKey } from "../../protocol/address_key.ts";
import { PLAIN_SENTENCE } from "../../protocol/http1_answer.ts";
import { certificateName, http2StreamOf, tappedSocketOf } from "../../protocol/outlet.ts";
import { type CallKind, endPlainly, endStream } from "../../protocol/stream_gate.ts";
import type { AccessControl } from "../../access/access_control.ts";
import { needsNoToken } from "../../access/scopes.ts";
import type { Admission } from "../call.ts";
import { CallRate } from "../call_rate.ts";
import { logFailedCall } from "../call_log.ts";
import type { Log } from "../../log/log.ts";
import type { StatusMapper } from "../status.ts";
import { SMALL_MESSAGE_BYTES } from "./arrival.ts";
import { grpcStatus } from "./grpc_status.ts";
import { type MemoryBudget, UNREAD_BYTES } from "./memory_budget.ts";
import { WrongTokens } from "./wrong_tokens.ts";

/** What a door works with. */
interface DoorOptions {
  readonly settings: Pick<
    ServiceSettings,
    "maxCallsPerSecond" | "maxMetadataKib" | "maxWrongTokens" | "maxResets"
  >;
  /** Who may call what; undefined: everyone who reaches the server. */
  readonly access: AccessControl | undefined;
  readonly budget: MemoryBudget;
  readonly status: StatusMapper;
  readonly log: Log;
  /** What a path leads to; undefined: nowhere. */
  readonly kindOf: (path: string) => CallKind | undefined;
  /** Is told of a known call that was refused: its path and status code. */
  readonly onRefused: (path: string, code: number) => void;
}

/** What health checks may hold whatever others do: a server that is busy is not dead. */
const HEALTH_BYTES = 2 ** 20;

/** A timeout of a call (gRPC over HTTP/2, "Timeout"). */
const TIMEOUT = /^\d{1,8}[HMSmun]$/;

/**
 * Looks at every call before a byte of its message is taken: whether its path leads anywhere, its
 * metadata are small enough, its token is right, and its client has calls and room left.
 */
export class Door {
  readonly #options: DoorOptions;
  readonly #rate: CallRate;
  readonly #wrongTokens: WrongTokens;
  readonly #admissions = new WeakMap<object, Admission>();
  /** Calls of strangers past their rate, by connection; see `#cutStubborn`. */
  readonly #stubborn = new WeakMap<object, number>();

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#rate = new CallRate(options.settings.maxCallsPerSecond);
    this.#wrongTokens = new WrongTokens(options.settings.maxWrongTokens);
  }

  /** Lets a call in, or ends it. */
  admit(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): boolean {
    const path = String(headers[":path"] ?? "");
    const socket = tappedSocketOf(stream);
    const address = socket === undefined ? "unknown" : addressKey(socket.remoteAddress);
    if (!/^application\/grpc(?:$|[+;])/.test(headers["content-type"] ?? "")) {
      endPlainly(stream, 415, PLAIN_SENTENCE);
      return false;
    }
    const kind = this.#options.kindOf(path);
    const found = this.#seen(stream, headers, { path, kind, address });
    if ("error" in found) {
      const { log, status: mapper, onRefused } = this.#options;
      const status = mapper.statusOf(found.error, kind === undefined ? {} : { method: path });
      const { code, details: reason } = status;
      logFailedCall(log, { method: path.slice(0, 200), code, reason, peer: address });
      if (kind !== undefined) onRefused(path, code);
      endStream(stream, grpcStatus(status));
      return false;
    }
    this.#admissions.set(stream, found);
    const end = () => {
      closing?.[Symbol.dispose]();
      found.share[Symbol.dispose]();
    };
    const closing = socket?.whenClosed(end);
    stream.once("close", end);
    return true;
  }

  /**
   * Counts a message of a call that needs no token as a call: each of reflection's is answered.
   *
   * @throws {TinctError} resource_exhausted where its client sends too many.
   */
  countMessage(call: object): void {
    this.#rate.take(this.admission(call).share.client);
  }

  /** What is known of a call that was let in. */
  admission(call: object): Admission {
    const stream = http2StreamOf(call);
    const found = stream && this.#admissions.get(stream);
    if (found === undefined) throw new TypeError("A call came in by no door.");
    return found;
  }

  /** What came of looking; a mistake of ours must not end the server. */
  #seen(...call: Parameters<Door["lookAt"]>): Admission | { readonly error: unknown } {
    try {
      const found = this.lookAt(...call);
      return found instanceof TinctError ? { error: found } : found;
    } catch (error) {
      return { error };
    }
  }

  /** For `admit`. */
  lookAt(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { path, kind, address }: {
      readonly path: string;
      readonly kind: CallKind | undefined;
      readonly address: string;
    },
  ): Admission | TinctError {
    const { settings, access, budget } = this.#options;
    const metadata = metadataBytes(headers);
    const maxBytes = settings.maxMetadataKib * 1024;
    if (metadata > maxBytes) {
      const message =
        `The call's metadata has ${metadata} bytes, and the limit is ${maxBytes}; send ` +
        "what is longer in messages.";
      const never = { kind: "METADATA_TOO_LARGE", retryDelayMs: Infinity };
      return new TinctError("resource_exhausted", message, never);
    }
    const isOpen = kind !== undefined && needsNoToken(path);
    if (kind === undefined || isOpen || access === undefined) {
      const busy = this.#tooOften(isOpen ? `${address}, health` : address, stream, isOpen);
      if (busy) return busy;
    }
    if (kind === undefined) {
      const message = `There is no method ${JSON.stringify(path.slice(0, 200))} here; ` +
        "are the protos the server's?";
      return new TinctError("unimplemented", message, { kind: "UNKNOWN_METHOD" });
    }
    const timeout = headers["grpc-timeout"];
    if (timeout !== undefined && !TIMEOUT.test(String(timeout))) {
      const description =
        `${JSON.stringify(String(timeout).slice(0, 40))} is not a grpc-timeout: give ` +
        "up to eight digits and one of H, M, S, m, u, n, such as 30S.";
      const violations = [{ field: "", description }];
      return new TinctError("invalid_argument", description, { violations });
    }
    let client: string | undefined;
    if (access !== undefined && !isOpen) {
      const found = this.#authorize(access, stream, headers, { path, address });
      if (typeof found !== "string") return found;
      client = found;
      const busy = this.#tooOften(client, stream, true);
      if (busy) return busy;
    }
    const share = budget.open(client ?? (isOpen ? `${address}, health` : address));
    const bytes = baseBytes(kind);
    if (isOpen && budget.heldBy(share.client) < HEALTH_BYTES) share.keep(bytes);
    else if (!share.tryTake(bytes)) return share.noRoom(bytes);
    return { client, share };
  }

  /** @returns who calls. */
  #authorize(
    access: AccessControl,
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { path, address }: { readonly path: string; readonly address: string },
  ): string | TinctError {
    const { authorization } = headers;
    const connection = stream.session ?? stream;
    if (authorization !== undefined && !this.#wrongTokens.mayLook(address, connection)) {
      return this.#tooOften(address, stream, false) ?? tooManyTokens(address);
    }
    try {
      const commonName = certificateName(stream);
      const client = access.authorize({ path, authorization, commonName });
      this.#wrongTokens.note(address, connection, true);
      return client.name;
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      if (error.code === "permission_denied") return error;
      if (authorization !== undefined) this.#wrongTokens.note(address, connection, false);
      return this.#tooOften(address, stream, false) ?? error;
    }
  }

  /** Counts a call. @returns why it is refused, if its client makes too many. */
  #tooOften(client: string, stream: ServerHttp2Stream, isKnown: boolean): TinctError | undefined {
    try {
      this.#rate.take(client);
      return undefined;
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      if (!isKnown && this.#options.access) this.#cutStubborn(stream);
      return error;
    }
  }

  /** Cuts the connection of a stranger who goes on and on though all is refused. */
  #cutStubborn(stream: ServerHttp2Stream): void {
    const socket = tappedSocketOf(stream);
    if (socket === undefined) return;
    const times = (this.#stubborn.get(socket) ?? 0) + 1;
    this.#stubborn.set(socket, times);
    if (times > this.#options.settings.maxResets) {
      socket.cut("it goes on with calls that are refused");
    }
  }
}

/** What every call takes of the budget, with its small messages. */
function baseBytes(kind: CallKind): number {
  const isRead = kind === "unary" || kind === "serverStream";
  return SMALL_MESSAGE_BYTES + (isRead ? 0 : UNREAD_BYTES);
}

/** The size of headers as HTTP/2 counts it: each one's name and value, and 32 bytes (RFC 9113, 6.5.2). */
function metadataBytes(headers: IncomingHttpHeaders): number {
  let sizeBytes = 0;
  for (const [name, given] of Object.entries(headers)) {
    if (name.startsWith(":")) continue;
    for (const value of Array.isArray(given) ? given : [String(given)]) {
      sizeBytes += name.length + value.length + 32;
    }
  }
  return sizeBytes;
}

function tooManyTokens(address: string): TinctError {
  return new TinctError(
    "resource_exhausted",
    `Too many wrong tokens came from ${address}; wait, and call again with the right one.`,
    { kind: "WRONG_TOKENS", retryDelayMs: 10_000 },
  );
}
