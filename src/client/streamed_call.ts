import type { ClientWritableStream, ServiceError } from "@grpc/grpc-js";
import { onAbort } from "../abort.ts";
import { TinctError } from "../errors.ts";
import { send } from "../protocol/send.ts";
import type { ServiceClient } from "./service_client.ts";

/**
 * Makes a call whose requests are a stream, and waits for its answer.
 *
 * @param begin makes the call; its callback is grpc-js's.
 * @param write sends all requests, each by the function that it is given.
 * @param options `ifCut`: a sentence on what to do where the connection was cut.
 * @returns the server's answer.
 * @throws {TinctError} what ended the call; the signal's reason.
 */
export async function streamedCall<Request, Response>(
  client: ServiceClient,
  begin: (
    back: (error: ServiceError | null, response?: Response) => void,
  ) => ClientWritableStream<Request>,
  write: (put: (request: Request) => Promise<void>) => Promise<void>,
  { signal, ifCut = "" }: { readonly signal: AbortSignal; readonly ifCut?: string },
): Promise<Response> {
  const answered = Promise.withResolvers<Response>();
  answered.promise.catch(() => {}); // told below, when what was being sent has failed as well
  const call = begin((error, response) => {
    if (response !== undefined && !error) answered.resolve(response);
    else answered.resolve(client.explain(error, ifCut).then((known) => Promise.reject(known)));
  });
  using _cancelling = onAbort(signal, () => call.cancel());
  try {
    await write((request) => send(call, request, { signal }));
    call.end();
    return await answered.promise;
  } catch (error) {
    signal.throwIfAborted();
    // That a call ended while something was sent says less than why it ended.
    if (error instanceof TinctError && error.code === "cancelled") return await answered.promise;
    throw error;
  } finally {
    call.cancel();
  }
}
