import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { ServiceSettings } from "../../config/service.ts";
import { TinctError } from "../../errors.ts";
import { addressKey } from "../../protocol/address_key.ts";
import { PLAIN_SENTENCE } from "../../protocol/http1_answer.ts";
import { certificateName, http2StreamOf, tappedSocketOf } from "../../protocol/outlet.ts";
import { type CallKind, endPlainly, endStream } from "../../protocol/stream_gate.ts";
import { type Admissions, metadataBytes } from "../admissions.ts";
import type { Admission } from "../call.ts";
import { logFailedCall } from "../call_log.ts";
import type { Log } from "../../log/log.ts";
import type { StatusMapper } from "../status.ts";
import { grpcTimeoutMisfit } from "../timeouts.ts";
import { grpcStatus } from "./grpc_status.ts";

/** What a door works with. */
interface DoorOptions {
  readonly settings: Pick<ServiceSettings, "maxResets">;
  /** The questions that every door asks. */
  readonly admissions: Admissions;
  readonly status: StatusMapper;
  readonly log: Log;
  /** What a path leads to; undefined: nowhere. */
  readonly kindOf: (path: string) => CallKind | undefined;
  /** Is told of a known call that was refused: its path and status code. */
  readonly onRefused: (path: string, code: number) => void;
}

/** Has every call of gRPC looked at, see `Admissions`, before grpc-js makes anything of it. */
export class Door {
  readonly #options: DoorOptions;
  readonly #admissions = new WeakMap<object, Admission>();
  /** Calls of strangers past their rate, by connection; see `#cutStubborn`. */
  readonly #stubborn = new WeakMap<object, number>();

  constructor(options: DoorOptions) {
    this.#options = options;
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
      logFailedCall(log, {
        ...{ protocol: "grpc", method: path.slice(0, 200), code, reason },
        peer: address,
      });
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
    this.#options.admissions.countMessage(this.admission(call).share.client);
  }

  /** What is known of a call that was let in. */
  admission(call: object): Admission {
    const stream = http2StreamOf(call);
    const found = stream && this.#admissions.get(stream);
    if (found === undefined) throw new TypeError("A call came in by no door.");
    return found;
  }

  /** What came of looking; a mistake of ours must not end the server. */
  #seen(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    place: {
      readonly path: string;
      readonly kind: CallKind | undefined;
      readonly address: string;
    },
  ): Admission | { readonly error: unknown } {
    try {
      const found = this.#lookAt(stream, headers, place);
      return found instanceof TinctError ? { error: found } : found;
    } catch (error) {
      return { error };
    }
  }

  #lookAt(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    { path, kind, address }: {
      readonly path: string;
      readonly kind: CallKind | undefined;
      readonly address: string;
    },
  ): Admission | TinctError {
    return this.#options.admissions.lookAt({
      path,
      kind,
      address,
      connection: stream.session ?? stream,
      metadataBytes: metadataBytes(headers),
      credentials: () => ({
        authorization: headers.authorization,
        commonName: certificateName(stream),
      }),
      misfit: () => grpcTimeoutMisfit(headers["grpc-timeout"]),
      isStubborn: () => this.#cutStubborn(stream),
    });
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
