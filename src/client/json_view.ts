import type { StreamMetricsResponse__Output } from "../protocol/generated/tinct/v1/stream_metrics_response.ts";
import { printJsonLine } from "../terminal/print_json.ts";
import type { ServiceClient } from "./service_client.ts";
import { shown } from "../shown.ts";

/** Prints a job's events as JSON, a line each, without the bytes of sample pictures. */
export class JsonView implements Disposable {
  readonly #client: ServiceClient;
  /** The state that the job was last known to be in, such as "RUNNING". */
  lastState = "";

  constructor(client: ServiceClient) {
    this.#client = client;
  }

  /** Prints one event. */
  show(message: StreamMetricsResponse__Output): void {
    const { state, sample } = message;
    if (state) this.lastState = String(state.to).replace("JOB_STATE_", "");
    const event = this.#client.json("StreamMetricsResponse", message);
    if (!sample) return printJsonLine(event);
    const { image: _, ...shown } = this.#client.json("SampleEvent", sample);
    printJsonLine({ ...event, sample: shown });
  }

  /** Tells a person something that is no event. */
  say(line: string): void {
    console.error(shown(line));
  }

  [Symbol.dispose](): void {} // every line is whole
}
