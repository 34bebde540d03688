import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  status as codes,
} from "@grpc/grpc-js";
import type { ServiceSettings } from "../config/service.ts";

/**
 * Holds every call to the rules that grpc-js (1.14.7) leaves open, before its handler begins:
 *
 * - metadata past `maxMetadataKib` is refused;
 * - a message that is marked as compressed on a call without an encoding is refused;
 * - a client that owes a message and is silent for `deadlineSeconds` loses its call. The deadline of a
 *   single call begins with its handler, and grpc-js begins that with the end of the request.
 */
export function guardCalls(
  { maxMetadataKib, deadlineSeconds }: Pick<
    ServiceSettings,
    "maxMetadataKib" | "deadlineSeconds"
  >,
): ServerInterceptor {
  return (_method, call) => {
    refuseUnexplained(call);
    return new GuardedCall(call, {
      maxMetadataBytes: maxMetadataKib * 1024,
      silenceMs: deadlineSeconds * 1000,
    });
  };
}

type Listener = Parameters<ServerInterceptingCallInterface["start"]>[0];

class GuardedCall extends ServerInterceptingCall {
  readonly #silenceMs: number;
  /** Runs while the server waits for the client's next message. */
  #silence: NodeJS.Timeout | undefined;

  constructor(
    call: ServerInterceptingCallInterface,
    { maxMetadataBytes, silenceMs }: { maxMetadataBytes: number; silenceMs: number },
  ) {
    super(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const sizeBytes = metadataBytes(metadata);
            if (sizeBytes <= maxMetadataBytes) return pass(metadata);
            call.sendStatus({
              code: codes.RESOURCE_EXHAUSTED,
              details: `The call's metadata have ${sizeBytes} bytes, and ${maxMetadataBytes} are ` +
                "taken; send what is longer in messages.",
            });
          },
        }),
    });
    this.#silenceMs = silenceMs;
  }

  override start(listener: Listener): void {
    const heard = () => this.#stopWaiting();
    super.start({
      onReceiveMetadata: (metadata) => listener.onReceiveMetadata(metadata),
      onReceiveMessage: (message: unknown) => {
        heard();
        listener.onReceiveMessage(message);
      },
      onReceiveHalfClose: () => {
        heard();
        listener.onReceiveHalfClose();
      },
      onCancel: () => {
        heard();
        listener.onCancel();
      },
    });
  }

  override startRead(): void {
    this.#wait();
    super.startRead();
  }

  override sendMessage(message: unknown, callback: () => void): void {
    // Whoever is being answered may well wait for the rest before it says more.
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
      this.sendStatus({
        code: codes.DEADLINE_EXCEEDED,
        details: `The client sent nothing for ${this.#silenceMs / 1000} s; call again.`,
      });
    }, this.#silenceMs);
  }
}

/** The size of metadata as HTTP/2 counts it: each entry's name and value, and 32 bytes (RFC 9113, 6.5.2). */
function metadataBytes(metadata: Metadata): number {
  let sizeBytes = 0;
  for (const key of Object.keys(metadata.getMap())) {
    for (const value of metadata.get(key)) sizeBytes += key.length + value.length + 32;
  }
  return sizeBytes;
}

/**
 * Has a call refuse messages that are marked as compressed where it names no encoding; grpc-js takes
 * them as they are. Its method is private; it is given the message with its five bytes of prefix.
 */
function refuseUnexplained(call: ServerInterceptingCallInterface): void {
  const inner: unknown = Reflect.get(call, "decompressMessage");
  if (typeof inner !== "function") {
    throw new TypeError("grpc-js has no decompressMessage any more.");
  }
  Reflect.set(call, "decompressMessage", (message: Uint8Array, encoding: string): unknown => {
    if (message[0] === 0 || encoding !== "identity") return inner.call(call, message, encoding);
    return Promise.reject({
      code: codes.INTERNAL,
      details: "A message is marked as compressed, and the call names no grpc-encoding.",
    });
  });
}
