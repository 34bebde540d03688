import type { Contract, PublicService } from "../protocol/contract.ts";
import type { FieldViolation } from "../errors.ts";
import type { IncomingCheck, Named } from "../protocol/incoming_check.ts";
import type { LogFields } from "../log/log.ts";
import { requestRules } from "./request_rules.ts";

/** What an error of a call is about, where it does not say so itself. */
export interface CallSubject {
  /** The field of the request that comes first. */
  readonly field: string;
  /** What the request names, the first one first; the call itself where it names nothing. */
  readonly named: readonly [Named, ...Named[]];
}

/** Knows what is wrong with requests, and what they are about. */
export class Requests {
  readonly #check: IncomingCheck;
  /** By the fields that the log has of a call. */
  readonly #calls = new WeakMap<LogFields, { readonly path: string; readonly request: object }>();

  constructor(contract: Contract<PublicService>) {
    this.#check = contract.incoming(requestRules);
  }

  /** Takes note of a call's request. @param fields what the log says of the call. */
  note(fields: LogFields, path: string, request: object): void {
    this.#calls.set(fields, { path, request });
  }

  /** What is wrong with the request of a call, by its own words. */
  violations(path: string, request: object): FieldViolation[] {
    return this.#check.violations(this.#check.requestType(path), request);
  }

  /**
   * What is wrong with a message.
   *
   * @param type such as "tinct.v1.ColorizeSettings".
   * @param at where it stands in its request, such as "settings.".
   */
  violationsOf(type: string, message: object, at = ""): FieldViolation[] {
    return this.#check.violations(type, message, at);
  }

  /** What a call is about. @param fields as `note` took them; others are those of a stream. */
  subjectOf(fields: LogFields): CallSubject {
    const call = this.#calls.get(fields);
    const path = call?.path ?? String(fields["method"] ?? "");
    const isKnown = /^\/(?:tinct\.v1|inference)\./.test(path);
    const type = isKnown ? this.#check.requestType(path) : undefined;
    const named = type && call ? this.#check.named(type, call.request) : [];
    const logged = (["jobId", "dataset"] as const).flatMap((field) => {
      const name = fields[field];
      return typeof name === "string" && name !== "" ? [{ type: typeOfField[field], name }] : [];
    });
    const [first = { type: "call", name: path }, ...others] = [...named, ...logged];
    return { field: type ? this.#check.mainField(type) : "", named: [first, ...others] };
  }
}

const typeOfField = { jobId: "job", dataset: "dataset" } as const;
