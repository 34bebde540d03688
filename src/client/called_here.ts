import { type FieldViolation, TinctError } from "../errors.ts";
import { optionName } from "../protocol/training_options.ts";
import { flagName } from "../terminal/arguments.ts";

/** What is wrong with a field of a request, by the option that sets it: "--batch-size must be …". */
export function violationCalledHere({ field, description }: FieldViolation): string {
  return `${calledHere(field)} ${description}`;
}

/** A server's refusal of a request as a refusal of the options that made it; other errors as they are. */
export function refusalCalledHere(error: unknown): unknown {
  if (!(error instanceof TinctError) || error.violations.length === 0) return error;
  const { code, violations } = error;
  const message = `${violations.map(violationCalledHere).join("; ")}.`;
  return new TinctError(code, message, { violations, cause: error });
}

/** Options that are not called as their fields are. */
const otherwiseCalled: Readonly<Record<string, string>> = { displayName: "name", labels: "label" };

/** A field of a request as the option that sets it: "config.batch_size" as "--batch-size". */
function calledHere(field: string): string {
  const [name = ""] = optionName(field.replace(/^config\./, "")).split(/[.[]/);
  return flagName(otherwiseCalled[name] ?? name);
}
