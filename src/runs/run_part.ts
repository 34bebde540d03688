import type { JsonFields } from "../files/json_fields.ts";
import type { JsonObject } from "../files/strict_json.ts";

/**
 * A part of a run that remembers something from step to step. A checkpoint keeps what it saves, so
 * that a resumed run goes on as one that never stopped.
 */
export interface RunPart {
  /** What it remembers, as JSON: finite numbers, texts, arrays and objects of them. */
  save(): JsonObject;
  /**
   * Goes on from what was saved.
   *
   * @throws TinctError `data_loss` where a field is missing or of another type.
   */
  restore(saved: JsonFields): void;
}

/** The parts of a run by the names that they have in a checkpoint. */
type RunParts = Readonly<Record<string, RunPart>>;

/** What all parts remember. */
export function saveParts(parts: RunParts): Record<string, JsonObject> {
  return Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.save()]));
}

/** Restores the parts that were saved; one that the saving program did not know yet starts anew. */
export function restoreParts(parts: RunParts, saved: JsonFields): void {
  for (const [name, part] of Object.entries(parts)) {
    if (saved.has(name)) part.restore(saved.object(name));
  }
}
