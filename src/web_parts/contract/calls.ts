import type { Violation } from "./messages.ts";
import { violationsOf } from "./error_details.ts";

/** A call that the server refused, or that did not reach it. */
export class CallError extends Error {
  /** A code of Connect, such as "not_found"; "unavailable" where nobody answered. */
  readonly code: string;
  readonly violations: readonly Violation[];
  /** Whether the server says that the same call may go well in a while. */
  readonly isPassing: boolean;

  constructor(
    code: string,
    message: string,
    violations: readonly Violation[] = [],
    isPassing = code === "unavailable",
  ) {
    super(message);
    this.name = "CallError";
    this.code = code;
    this.violations = violations;
    this.isPassing = isPassing;
  }
}

interface ErrorBody {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

/**
 * Makes a call with one answer, in JSON by the Connect protocol.
 *
 * @param method such as "TrainingJobService/GetTrainingJob".
 * @param timeoutMs how long the server may take; its own deadline when left out.
 * @throws {CallError}
 */
export async function call<Answer>(
  method: string,
  request: object = {},
  signal?: AbortSignal,
  timeoutMs?: number,
): Promise<Answer> {
  const text = JSON.stringify(request);
  const response = await send(method, "application/json", text, signal, timeoutMs);
  return await answered(response);
}
/**
 * Makes a call with one answer, both in the protos' binary format: for files, which are sent from where
 * they are, and not as text.
 *
 * @throws {CallError}
 */
export async function callBinary(
  method: string,
  request: Blob,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const response = await send(method, "application/proto", request, signal);
  if (response.ok) return new Uint8Array(await response.arrayBuffer().catch(unreachable));
  return await answered(response);
}

async function answered<Answer>(response: Response): Promise<Answer> {
  const body = parsed(await response.text().catch(unreachable));
  if (response.ok) return body as Answer;
  throw refused(body as ErrorBody, response.status);
}

/** Makes a call with a stream of answers. @throws {CallError} also in the middle of it. */
export async function* stream<Answer>(
  method: string,
  request: object,
  signal: AbortSignal,
): AsyncGenerator<Answer, void, void> {
  const bytes = new TextEncoder().encode(JSON.stringify(request));
  const envelope = new Uint8Array(5 + bytes.length);
  new DataView(envelope.buffer).setUint32(1, bytes.length);
  envelope.set(bytes, 5);
  const response = await send(method, "application/connect+json", envelope, signal);
  if (!response.ok || response.body === null) {
    throw refused(parsed(await response.text().catch(unreachable)) as ErrorBody, response.status);
  }
  const reader = response.body.getReader();
  let held = new Uint8Array();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(unreachable);
      if (done) throw new CallError("unavailable", "The server's answer broke off.");
      held = joined(held, value);
      for (;;) {
        if (held.length < 5) break;
        const view = new DataView(held.buffer, held.byteOffset, 5);
        const end = 5 + view.getUint32(1);
        if (held.length < end) break;
        const message = parsed(new TextDecoder().decode(held.subarray(5, end)));
        const isLast = (view.getUint8(0) & 2) !== 0;
        held = held.slice(end);
        if (!isLast) yield message as Answer;
        else {
          const { error } = message as { error?: ErrorBody };
          if (error) throw refused(error, 200);
          return;
        }
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function send(
  method: string,
  type: string,
  body: string | Uint8Array<ArrayBuffer> | Blob,
  signal: AbortSignal | undefined,
  timeoutMs?: number,
): Promise<Response> {
  const response = await fetch(`/tinct.v1.${method}`, {
    method: "POST",
    headers: {
      "content-type": type,
      "connect-protocol-version": "1",
      ...(timeoutMs !== undefined && { "connect-timeout-ms": String(timeoutMs) }),
    },
    body,
    ...(signal && { signal }),
  }).catch(unreachable);
  // Who is not signed in gets the form from the server in place of the page.
  if (response.status === 401) location.reload();
  return response;
}

function unreachable(error: unknown): never {
  if (error instanceof DOMException && error.name === "AbortError") throw error;
  throw new CallError("unavailable", "The server does not answer.");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

function refused({ code, message, details = [] }: ErrorBody, status: number): CallError {
  const violations = details.filter(({ type }) => type === "google.rpc.BadRequest")
    .flatMap(({ value }) => violationsOf(value));
  const words = message || `The server answered with status ${status}.`;
  const isPassing = code === "unavailable" ||
    details.some(({ type }) => type === "google.rpc.RetryInfo");
  return new CallError(code ?? "unknown", words, violations, isPassing);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
