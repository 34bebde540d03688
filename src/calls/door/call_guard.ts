import {
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type StatusObject,
} from "@grpc/grpc-js";
import type { ServiceSettings } from "../../config/service.ts";
import { TinctError } from "../../errors.ts";
import { http2StreamOf } from "../../protocol/outlet.ts";
import { stopSending } from "../../protocol/stream_gate.ts";
import { needsNoToken } from "../../access/scopes.ts";
import { logFailedCall } from "../call_log.ts";
import { Arrival } from "./arrival.ts";
import type { Door } from "./door.ts";
import { grpcStatus } from "./grpc_status.ts";
import type { Log } from "../../log/log.ts";
import type { StatusMapper } from "../status.ts";

/** The largest message of a call that needs no token. */
const OPEN_MESSAGE_BYTES = 64 * 1024;

/** How long a message waits for room before its call is refused. */
const HOLD_MS = 20_000;

/** What calls are guarded by. */
interface GuardOptions {
  readonly settings: Pick<
    ServiceSettings,
    "deadlineSeconds" | "maxReceiveMib" | "maxArrivalSeconds"
  >;
  readonly door: Door;
  readonly status: StatusMapper;
  readonly log: Log;
  /** Is told of a call that ended before its handler began, or under it: path and status code. */
  readonly onRefused: (path: string, code: number) => void;
}

/**
 * Holds every call that the door has let in to the rules that grpc-js (1.14.7) leaves open, before its
 * handler begins:
 *
 * - its messages are taken in by `Arrival`, within the budget;
 * - a client that owes a message and is silent for `deadlineSeconds` loses its call. The deadline of a
 *   single call begins with its handler, and grpc-js begins that with the end of the request.
 */
export function guardCalls(options: GuardOptions): ServerInterceptor {
  const { settings, door, status, log, onRefused } = options;
  return ({ path, requestStream }, call) => {
    const { client, share } = door.admission({ call });
    const refuse = (error: TinctError) => {
      const ending = status.statusOf(error, { method: path, client });
      const { code, details: reason } = ending;
      const fields = client === undefined ? {} : { client };
      logFailedCall(log, {
        protocol: "grpc",
        method: path,
        code,
        reason,
        peer: call.getPeer(),
        fields,
      });
      onRefused(path, code);
      endCall(call, grpcStatus(ending));
    };
    const isOpen = needsNoToken(path);
    const arrival = new Arrival(call, {
      path,
      isStream: requestStream,
      maxBytes: isOpen ? OPEN_MESSAGE_BYTES : settings.maxReceiveMib * 2 ** 20,
      arrivalMs: settings.maxArrivalSeconds * 1000,
      holdMs: HOLD_MS,
      share,
      refuse,
    });
    return new GuardedCall(call, {
      arrival,
      silenceMs: settings.deadlineSeconds * 1000,
      refuse,
      ...(isOpen && requestStream && { count: () => door.countMessage({ call }) }),
    });
  };
}

type Listener = Parameters<ServerInterceptingCallInterface["start"]>[0];

class GuardedCall extends ServerInterceptingCall {
  readonly #silenceMs: number;
  readonly #arrival: Arrival;
  readonly #refuse: (error: TinctError) => void;
  readonly #count: () => void;
  /** Runs while the server waits for the client's next message. */
  #silence: NodeJS.Timeout | undefined;

  constructor(
    call: ServerInterceptingCallInterface,
    { arrival, silenceMs, refuse, count = () => {} }: {
      readonly arrival: Arrival;
      readonly silenceMs: number;
      readonly refuse: (error: TinctError) => void;
      readonly count?: () => void;
    },
  ) {
    super(call);
    this.#arrival = arrival;
    this.#silenceMs = silenceMs;
    this.#refuse = refuse;
    this.#count = count;
  }

  override start(listener: Listener): void {
    const heard = () => this.#stopWaiting();
    super.start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (message: unknown) => {
        heard();
        try {
          this.#count();
        } catch (error) {
          if (!(error instanceof TinctError)) throw error;
          return this.#refuse(error);
        }
        listener.onReceiveMessage(message);
      },
      onReceiveHalfClose: () => {
        heard();
        listener.onReceiveHalfClose();
      },
      onCancel: () => {
        heard();
        this.#arrival[Symbol.dispose]();
        listener.onCancel();
      },
    });
  }

  override startRead(): void {
    this.#wait();
    super.startRead();
    this.#arrival.wanted();
  }

  override sendMessage(message: unknown, callback: () => void): void {
    // A client that is being answered may well wait for the rest before it says more.
    if (this.#silence !== undefined) this.#wait();
    super.sendMessage(message, callback);
  }

  #stopWaiting(): void {
    clearTimeout(this.#silence);
    this.#silence = undefined;
  }

  #wait(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const message = `The client sent nothing for ${this.#silenceMs / 1000} s; call again.`;
      this.#refuse(new TinctError("deadline_exceeded", message));
    }, this.#silenceMs);
  }
}

/** Ends a call; where nothing was answered yet, its client is told to send no more. */
function endCall(call: ServerInterceptingCallInterface, status: StatusObject): void {
  const stream = http2StreamOf({ call });
  const isUnanswered = stream?.headersSent === false;
  call.sendStatus(status);
  if (stream && isUnanswered) stopSending(stream);
}
