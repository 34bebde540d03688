import type { ErrorCode, FieldViolation, TinctError } from "../errors.ts";
import type { Named } from "../protocol/incoming_check.ts";
import type { Details, Precondition, Some } from "../protocol/status_details.ts";
import { fieldName } from "../protocol/training_options.ts";
import type { CallSubject } from "./requests.ts";

/** When to try again after an error that passes, in milliseconds. */
const retryDelaysMs = { unavailable: 1000, resource_exhausted: 5000 } as const;

/**
 * What an error says beyond its message. Its type says what errors of each code may not lack: where an
 * error does not have that itself, the call has.
 *
 * @param subject what the call is about.
 */
export function detailsOf(error: TinctError, subject: CallSubject): Details {
  const { code, message, retryDelayMs } = error;
  const told = toldOf(message, subject.named);
  const resource = told ?? subject.named[0];
  const reason = error.kind ?? code.toUpperCase();
  const metadata = resource.type === "call" ? {} : { [resource.type]: resource.name };
  const common = { reason, metadata };
  const violations = error.violations.map(inProtoNames);
  const [first = { field: fieldName(subject.field), description: message }, ...others] = violations;
  const all: Some<FieldViolation> = [first, ...others];
  switch (code) {
    case "invalid_argument":
      return { code, ...common, violations: all };
    case "failed_precondition": {
      if (violations.length === 0) {
        const of = resource.type === "call" ? "" : `${resource.type.toUpperCase()}_`;
        const type = error.kind ?? `${of}STATE`;
        const preconditions = [{ type, subject: pathOf(resource), description: message }] as const;
        return { code, ...common, preconditions };
      }
      const type = error.kind ?? "FIELD";
      const unmet = ({ field, description }: FieldViolation): Precondition => ({
        type,
        subject: field,
        description,
      });
      return { code, ...common, preconditions: [unmet(first), ...others.map(unmet)] };
    }
    case "resource_exhausted": {
      const delayMs = retryDelayMs ?? retryDelaysMs[code];
      const named = told === undefined || told.type === "call" ? "server" : pathOf(told);
      const quotas = [{ subject: named, description: message }] as const;
      return { code, ...common, quotas, retryDelayMs: isFinite(delayMs) ? delayMs : undefined };
    }
    case "unavailable": {
      const delayMs = retryDelayMs ?? retryDelaysMs[code];
      return { code, ...common, retryDelayMs: isFinite(delayMs) ? delayMs : retryDelaysMs[code] };
    }
    case "not_found":
    case "already_exists":
      return { code, ...common, resource };
    default:
      return plain(code, common);
  }
}

/** The details of codes that need none of their own. */
function plain(
  code: Exclude<ErrorCode, keyof typeof retryDelaysMs | "invalid_argument" | NeedsResource>,
  common: Pick<Details, "reason" | "metadata">,
): Details {
  return { code, ...common };
}

type NeedsResource = "failed_precondition" | "not_found" | "already_exists";

/** Of what a call names, what its error names too: the longest such name. */
function toldOf(message: string, named: CallSubject["named"]): Named | undefined {
  const told = named.filter(({ type, name }) =>
    // A client may choose any text for its request's id; the sentence quotes it.
    type === "request"
      ? message.includes(JSON.stringify(name))
      : new RegExp(String.raw`(?<![\w-])${RegExp.escape(name)}(?![\w-])`).test(message)
  );
  const [longest] = told.toSorted((a, b) => b.name.length - a.name.length);
  return longest;
}

function pathOf({ type, name }: Named): string {
  return `${type}/${name}`;
}

/** "config.batchSize" as clients of the protos know it: "config.batch_size". */
function inProtoNames({ field, description }: FieldViolation): FieldViolation {
  return { field: fieldName(field), description };
}
