import assert from "assert";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inTime } from "../in_time.ts";

/** A span as it was exported. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** In nanoseconds since 1970. */
  readonly start: bigint;
  readonly end: bigint;
  readonly attributes: Readonly<Record<string, string | number>>;
  /** 2: error. */
  readonly status: number;
}

/** The parts of OTLP's JSON that are read (opentelemetry-proto, trace.proto). */
interface ExportRequest {
  readonly resourceSpans?: readonly {
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

interface SentSpan extends Pick<ReceivedSpan, "traceId" | "spanId" | "name" | "kind"> {
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly {
    readonly key: string;
    readonly value: { readonly stringValue?: string; readonly doubleValue?: number };
  }[];
  readonly status?: { readonly code?: number };
}

/** A collector that takes spans by OTLP over HTTP, on loopback. */
export class TraceReceiver implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  readonly #server: Server;
  #onSpans = () => {};

  private constructor() {
    this.#server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on("error", () => {}); // a process that was killed cuts its last one short
      request.on("data", (piece: Buffer) => pieces.push(piece));
      request.on("end", () => {
        if (request.url === "/v1/traces") this.#take(JSON.parse(Buffer.concat(pieces).toString()));
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
  }

  static async open(): Promise<TraceReceiver> {
    const receiver = new TraceReceiver();
    receiver.#server.listen(0, "127.0.0.1");
    await once(receiver.#server, "listening");
    return receiver;
  }

  /** What a Deno process needs in its environment to send its spans here. */
  get environment(): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_SERVICE_NAME: "tinct",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${
        (this.#server.address() as AddressInfo).port
      }`,
      OTEL_BSP_SCHEDULE_DELAY: "100",
    };
  }

  /**
   * Our spans of a trace, as soon as one of them is called `name`: without those that Deno makes of
   * HTTP requests by itself.
   */
  async trace(traceId: string, name: string): Promise<ReceivedSpan[]> {
    while (true) {
      const spans = this.spans.filter((span) => span.traceId === traceId && span.name !== "POST");
      if (spans.some((span) => span.name === name)) return spans;
      const more = new Promise<void>((resolve) => this.#onSpans = resolve);
      await inTime(more, `a span ${name} of trace ${traceId} comes`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  #take({ resourceSpans = [] }: ExportRequest): void {
    const sent = resourceSpans.flatMap(({ scopeSpans }) => scopeSpans).flatMap(({ spans }) =>
      spans
    );
    for (const { startTimeUnixNano, endTimeUnixNano, attributes = [], status, ...span } of sent) {
      assert.match(span.traceId, /^[0-9a-f]{32}$/);
      this.spans.push({
        ...span,
        parentSpanId: span.parentSpanId ?? "",
        start: BigInt(startTimeUnixNano),
        end: BigInt(endTimeUnixNano),
        attributes: Object.fromEntries(attributes.map(({ key, value }) => [
          key,
          value.stringValue ?? value.doubleValue ?? NaN,
        ])),
        status: status?.code ?? 0,
      });
    }
    this.#onSpans();
  }
}
