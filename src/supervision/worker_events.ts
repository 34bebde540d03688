import { join } from "node:path";
import type { NewEvent } from "../jobs/job_event.ts";
import type { JsonObject, JsonValue } from "../jobs/json.ts";
import type { WorkerMessage } from "../fleet/worker_session.ts";

/**
 * A message as the payload of an event: fields in camelCase, enums by name. What is absent, or no
 * finite number, is left out.
 */
export function messageJson(message: object): JsonObject {
  const json: Record<string, JsonValue> = {};
  for (const [name, value] of Object.entries(message)) {
    if (name.startsWith("_")) continue; // `_psnrDb` only says that `psnrDb` is set
    const field = valueJson(value);
    if (field !== undefined) json[name] = field;
  }
  return json;
}

function valueJson(value: unknown): JsonValue | undefined {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (Array.isArray(value)) return value.flatMap((each) => valueJson(each) ?? []);
  if (typeof value === "object" && value !== null) return messageJson(value);
  return undefined;
}

/**
 * The event that a training worker's message is.
 *
 * @param runPath the run's folder, relative to the data folder.
 * @returns undefined for messages that are no news of a job.
 */
export function eventOf(
  { kind, value }: WorkerMessage,
  timeMs: number,
  runPath: string,
): NewEvent | undefined {
  switch (kind) {
    case "losses":
    case "validation":
    case "heartbeat":
      return { kind, timeMs, payload: messageJson(value) };
    case "log":
      return {
        kind,
        timeMs,
        payload: messageJson({ ...value, message: value.message.slice(0, 4096) }),
      };
    case "sample":
      return { kind, timeMs, payload: { ...messageJson(value), path: join(runPath, value.path) } };
    case "checkpoint": {
      const { step, epoch, sizeBytes, best } = value;
      const path = join(runPath, value.path);
      return {
        kind,
        timeMs,
        payload: { ...messageJson(value), path },
        checkpoint: { step, epoch, sizeBytes, best, path },
      };
    }
    default:
      return undefined;
  }
}
