import { TinctError } from "../errors.ts";
import { mebibytes } from "../words.ts";
import type { CallScope } from "../calls/call_scope.ts";
import { PictureRoom } from "../calls/door/memory_budget.ts";
import { Violations } from "../calls/fields.ts";
import type { ColorizedPhoto } from "../colorizing/colorizing.ts";
import type { ModelInferRequest__Output } from "../protocol/generated/inference/model_infer_request.ts";
import type { ModelInferResponse } from "../protocol/generated/inference/model_infer_response.ts";
import type { ModelStreamInferResponse } from "../protocol/generated/inference/model_stream_infer_response.ts";
import { sizeOf } from "./colorize_messages.ts";
import type { ColorizeContext } from "./context.ts";
import { type Inference, readInference, type ReadingRules } from "./inference_settings.ts";
import { placeOf, rawContents, tensorKinds } from "./inference_tensors.ts";

/** What an answer has beside its pictures, at most. */
const ENVELOPE_BYTES = 4096;

/** An answer, and what its pictures take of the server's memory until the client has it. */
interface Inferred extends Disposable {
  readonly response: ModelInferResponse;
}

/** Colorizes the photos of a request. */
export async function inferOnce(
  context: ColorizeContext,
  rules: ReadingRules,
  request: ModelInferRequest__Output,
  scope: CallScope,
): Promise<ModelInferResponse> {
  // The room is given back with the call.
  return (await infer(context, readInference(request, rules), request, scope)).response;
}

/**
 * Answers requests in their order, and works at as many at a time as ColorizeStream at photos, so that
 * neither side's pace makes memory grow here.
 */
export async function* inferStream(
  context: ColorizeContext,
  rules: ReadingRules,
  requests: AsyncIterable<ModelInferRequest__Output>,
  scope: CallScope,
): AsyncGenerator<ModelStreamInferResponse, void, undefined> {
  const { maxPhotosPerCall } = context.settings;
  const incoming = requests[Symbol.asyncIterator]();
  const open: Promise<StreamAnswer>[] = [];
  let reading: Reading | undefined = heard(incoming.next());
  try {
    while (reading !== undefined || open.length > 0) {
      const mayRead = open.length < maxPhotosPerCall;
      const next: "read" | "answered" = await Promise.race([
        ...(reading && mayRead ? [reading.then(() => "read" as const)] : []),
        ...open.slice(0, 1).map((first) => first.then(() => "answered" as const)),
      ]);
      if (next === "read" && reading !== undefined) {
        const read: Awaited<Reading> = await reading;
        if (!read.done) open.push(heard(answerInStream(context, rules, read.value, scope)));
        reading = read.done ? undefined : heard(incoming.next());
      } else {
        using answer = await open.shift()!;
        yield answer.message;
      }
    }
  } catch (error) {
    scope.end(error); // what is under way of the others
    throw error;
  } finally {
    for (const each of await Promise.allSettled(open)) {
      if (each.status === "fulfilled") each.value[Symbol.dispose]();
    }
  }
}

/** The next request of a stream. */
type Reading = Promise<IteratorResult<ModelInferRequest__Output>>;

/** Of a promise that is looked at later: until then its failure is no unhandled one. */
function heard<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

interface StreamAnswer extends Disposable {
  readonly message: ModelStreamInferResponse;
}

/** Rejects only where the call is over. */
async function answerInStream(
  context: ColorizeContext,
  rules: ReadingRules,
  request: ModelInferRequest__Output,
  scope: CallScope,
): Promise<StreamAnswer> {
  const { modelName, id, rawInputContents: raw } = request;
  const sizeBytes = sizeOf(raw) +
    request.inputs.reduce((sum, { contents }) => sum + sizeOf(contents?.bytesContents ?? []), 0);
  const { memory, signal } = scope;
  // Its message gave it room, and gives that back with the next one.
  memory.keep(sizeBytes);
  for (const each of raw) memory.keepBuffer(each);
  try {
    const { requests } = context.status;
    const found = new Violations(requests.violationsOf("inference.ModelInferRequest", request));
    const { response, [Symbol.dispose]: dispose } = await infer(
      context,
      readInference(request, rules, found),
      request,
      scope,
    );
    return { message: { inferResponse: response }, [Symbol.dispose]: dispose };
  } catch (error) {
    signal.throwIfAborted(); // the call is over, not this request alone
    const { message } = context.status.faultOf(error, scope.fields, "inputs");
    return {
      message: { errorMessage: message ?? "", inferResponse: { modelName, id } },
      [Symbol.dispose]: () => {},
    };
  } finally {
    for (const each of raw) memory.releaseKept(each);
    memory.free(sizeBytes);
  }
}

/** Colorizes photos, each by itself, and puts them together. */
async function infer(
  { colorizing, settings: limits, store }: ColorizeContext,
  { input, output, settings }: Inference,
  { modelName, id, rawInputContents }: ModelInferRequest__Output,
  { signal, trace, client, memory }: CallScope,
): Promise<Inferred> {
  const { maxAnswerMib } = limits;
  const knownBytes = sizeBefore(input, output, settings);
  if (knownBytes !== undefined) requireFitting(knownBytes, output, maxAnswerMib);
  const given = "name" in settings.model ? settings.model.version : undefined;
  // One version for all of its photos, also where another is promoted meanwhile.
  const { version } = await store.models.get(modelName, given);
  const { weights } = settings.model;
  const wanted = { ...settings, model: { name: modelName, version, weights } };
  const rooms: PictureRoom[] = [];
  const dispose = () => rooms.splice(0).forEach((room) => room[Symbol.dispose]());
  try {
    const { photos } = input;
    const made = await allOf(photos, limits.maxPhotosPerCall, signal, async (index, signal) => {
      const room = new PictureRoom(memory);
      rooms.push(room);
      const takeRoom = (bytes: number) => room.take(bytes);
      const call = { signal, client, takeRoom };
      try {
        return await trace.photo(() => colorizing.colorize(photos[index]!, wanted, call));
      } catch (error) {
        const which = photos.length === 1 ? "" : `Photo ${index + 1} of ${photos.length}: `;
        throw inTensor(error, which, placeOf(rawInputContents));
      }
    });
    requireFitting(sizeOf(made.map(({ image }) => image)), output, maxAnswerMib);
    const contents = rawContents(output, made.map(({ image }) => image));
    const tensor = tensorKinds[output];
    const response: ModelInferResponse = {
      modelName,
      modelVersion: `${version}`,
      id,
      outputs: [{ name: tensor.output, datatype: tensor.datatype, shape: shapeOf(output, made) }],
      rawOutputContents: [contents],
    };
    return { response, [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** The bytes of pixels that come of pixels; undefined where only the work tells. */
function sizeBefore(
  { photos, size }: Inference["input"],
  output: Inference["output"],
  { maxSide = 0 }: Inference["settings"],
): number | undefined {
  if (output !== "pixels" || size === undefined) return undefined;
  const isScaled = maxSide > 0 && maxSide < Math.max(size.width, size.height);
  return isScaled ? undefined : photos.length * size.width * size.height * 3;
}

/** @throws {TinctError} where an answer would be larger than `maxMib`. */
function requireFitting(bytes: number, output: Inference["output"], maxMib: number): void {
  if (bytes + ENVELOPE_BYTES <= maxMib * 2 ** 20) return;
  const instead = output === "pixels"
    ? `ask for the output ${tensorKinds.files.output}`
    : "ask for the format jpeg";
  throw new TinctError(
    "resource_exhausted",
    `The result has ${mebibytes(bytes)} MiB, and the limit of ModelInfer is ${maxMib} MiB ` +
      `(--max-answer-mib): send fewer photos at a time, give max_side, or ${instead}.`,
    { kind: "TOO_LARGE", retryDelayMs: Infinity },
  );
}

/** The shape of an answer's tensor. @throws {TinctError} where pixels are of several sizes. */
function shapeOf(output: Inference["output"], made: readonly ColorizedPhoto[]): number[] {
  if (output === "files") return [made.length];
  const { width = 0, height = 0 } = made[0] ?? {};
  const odd = made.findIndex((each) => each.width !== width || each.height !== height);
  if (odd < 0) return [made.length, height, width, 3];
  const size = `${made[odd]?.width} x ${made[odd]?.height}`;
  const description = `must be "${tensorKinds.files.output}" for photos of several sizes: number ` +
    `1 has ${width} x ${height} pixels, number ${odd + 1} ${size}`;
  const message = `The request is invalid: outputs[0].name ${description}.`;
  const violations = [{ field: "outputs", description }];
  throw new TinctError("invalid_argument", message, { violations });
}

/**
 * Does something for each of a list, some at a time; the first failure ends the others, and is thrown
 * when they have ended.
 */
async function allOf<Result>(
  { length }: { readonly length: number },
  atATime: number,
  signal: AbortSignal,
  work: (index: number, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const others = new AbortController();
  const both = AbortSignal.any([signal, others.signal]);
  const results: Result[] = [];
  let next = 0;
  const workOn = async () => {
    while (next < length && !others.signal.aborted) {
      const index = next++;
      try {
        results[index] = await work(index, both);
      } catch (error) {
        others.abort(error); // the first reason stays
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atATime, length) }, workOn));
  others.signal.throwIfAborted();
  return results;
}

/** An error of a photo. @param which the photo. @param field of the tensor's values. */
function inTensor(error: unknown, which: string, field: string): unknown {
  if (!(error instanceof TinctError) || error.code !== "invalid_argument") return error;
  const { code, kind, isLogged } = error;
  const message = `${which}${error.message}`;
  const violations = [{ field, description: message }];
  return new TinctError(code, message, { violations, kind, isLogged, cause: error });
}
