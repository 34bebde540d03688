import { status as codes } from "@grpc/grpc-js";
import {
  type Attributes,
  type Context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type { ColorizedPhoto, ColorizeTimings } from "../colorizing/colorizing.ts";
import { version } from "../version.ts";
import type { LogFields } from "../log/log.ts";
import type { CallProtocol } from "../protocol/call_protocol.ts";

/** Statuses that are the server's fault (OpenTelemetry, semantic conventions for gRPC and Connect). */
const faults: ReadonlySet<number> = new Set([
  codes.UNKNOWN,
  codes.DEADLINE_EXCEEDED,
  codes.UNIMPLEMENTED,
  codes.INTERNAL,
  codes.UNAVAILABLE,
  codes.DATA_LOSS,
]);

/** What a client sent with its call, by names in lower case. */
export interface CallHeaders {
  readonly names: () => string[];
  readonly get: (name: string) => string | undefined;
}

/** What a span says of a call. */
interface TracedCall {
  readonly protocol: CallProtocol;
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  readonly headers: CallHeaders;
}

/**
 * The span of a call, under the client's where it sends a `traceparent` (W3C Trace Context). Deno
 * collects and exports spans where its OpenTelemetry is on (OTEL_DENO); where it is off they cost
 * about a microsecond and go nowhere. A worker has no network to export to: its spans are made here,
 * of the times that come with its answer.
 */
export class CallTrace {
  readonly #span: Span;
  readonly #context: Context;
  readonly #clock = new Clock();

  readonly #protocol: CallProtocol;

  constructor({ protocol, path, headers }: TracedCall) {
    this.#protocol = protocol;
    const [, service = "", method = ""] = path.split("/");
    const parent = propagation.extract(ROOT_CONTEXT, headers, {
      keys: (carrier) => carrier.names(),
      get: (carrier, key) => carrier.get(key),
    });
    const attributes = {
      "rpc.system": protocol === "connect" ? "connect_rpc" : "grpc", // gRPC-Web has no name there
      "rpc.service": service,
      "rpc.method": method,
      "network.protocol.name": "http",
      "network.protocol.version": protocol === "grpc" ? "2" : "1.1",
    };
    const startTime = this.#clock.at(performance.now());
    const options = { kind: SpanKind.SERVER, attributes, startTime };
    this.#span = tracer().startSpan(`${service}/${method}`, options, parent);
    this.#context = trace.setSpan(parent ?? ROOT_CONTEXT, this.#span);
  }

  /** The trace's id, 32 hexadecimal digits; undefined where nothing is recorded. */
  get traceId(): string | undefined {
    return this.#span.isRecording() ? this.#span.spanContext().traceId : undefined;
  }

  /**
   * Ends the span.
   *
   * @param code gRPC's status code.
   * @param fields what the log says of the call.
   */
  end(code: number, { jobId, client }: LogFields): void {
    if (this.#protocol !== "connect") this.#span.setAttribute("rpc.grpc.status_code", code);
    else if (code !== codes.OK) {
      const name = (codes[code] ?? String(code)).toLowerCase();
      this.#span.setAttribute("rpc.connect_rpc.error_code", name);
    }
    if (jobId !== undefined) this.#span.setAttribute("tinct.job_id", `${jobId}`);
    if (client !== undefined) this.#span.setAttribute("tinct.client", `${client}`);
    if (faults.has(code)) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end(this.#clock.at(performance.now()));
  }

  /** Has a photo colorized, and tells where its time went. */
  async photo(colorize: () => Promise<ColorizedPhoto>): Promise<ColorizedPhoto> {
    const startMs = performance.now();
    const startTime = this.#clock.at(startMs);
    const span = tracer().startSpan("colorize", { startTime }, this.#context);
    try {
      const made = await colorize();
      if (span.isRecording()) {
        span.setAttributes(attributesOf(made));
        this.#tellParts(trace.setSpan(this.#context, span), startMs, made.timings);
      }
      return made;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end(this.#clock.at(performance.now()));
    }
  }

  #tellParts(parent: Context, startMs: number, timings: ColorizeTimings): void {
    const { waitingMs, loadMs, workerMs, batchMs, decodeMs, modelMs, encodeMs } = timings;
    const tell = (context: Context, name: string, fromMs: number, durationMs: number) => {
      const span = tracer().startSpan(name, { startTime: this.#clock.at(fromMs) }, context);
      span.end(this.#clock.at(fromMs + durationMs));
      return span;
    };
    const handedMs = startMs + waitingMs + loadMs;
    tell(parent, "queue", startMs, waitingMs);
    tell(parent, "load model", startMs + waitingMs, loadMs);
    const worker = trace.setSpan(parent, tell(parent, "worker", handedMs, workerMs));
    const parts = { decode: decodeMs, batch: batchMs, model: modelMs, encode: encodeMs };
    const sumMs = Object.values(parts).reduce((sum, ms) => sum + ms, 0);
    // The worker tells how long each took, not when: the way there and back is shared out evenly.
    let atMs = handedMs + Math.max(0, workerMs - sumMs) / 2;
    for (const [name, ms] of Object.entries(parts)) {
      tell(worker, name, atMs, ms);
      atMs += ms;
    }
  }
}

function tracer() {
  return trace.getTracer("tinct", version);
}

function attributesOf({ model, width, height, timings }: ColorizedPhoto): Attributes {
  return {
    "tinct.width": width,
    "tinct.height": height,
    "tinct.batch_size": timings.batchSize,
    ...("name" in model
      ? { "tinct.model": model.name, "tinct.model_version": model.version }
      : { "tinct.job_id": model.jobId, "tinct.step": model.step }),
  };
}

/** Wall-clock times, in milliseconds, that follow one another as those of `performance.now()` do. */
class Clock {
  readonly #offsetMs = Date.now() - performance.now();

  at(performanceMs: number): number {
    return this.#offsetMs + performanceMs;
  }
}
