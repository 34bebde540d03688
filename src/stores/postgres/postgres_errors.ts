import { messageOf, TinctError } from "../../errors.ts";
import { STORE_AWAY, STORE_TROUBLE } from "../../jobs/store_away.ts";

/** What PostgreSQL says while it starts, stops, or has no room for a connection (errcodes-appendix). */
const awayStates = /^(?:08...|57P0[1234]|53300|25006)$/;
/** Two transactions were in each other's way; neither changed anything. */
const conflictStates = /^(?:40001|40P01|55P03)$/;
/** What sockets and names that lead nowhere are told with, and what `pg` says itself. */
const awayWords =
  /ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPIPE|ENOENT|terminated|not queryable|timeout|closed|reset/i;
const tlsWords = /certificate|UnknownIssuer|self.signed|does not support SSL|NotValidForName|TLS/i;

/** Whether the same may be done again at once: another transaction was in the way. */
export function isConflict(error: unknown): boolean {
  return conflictStates.test(stateOf(error) ?? "");
}

/**
 * Turns an error of PostgreSQL, or of the way to it, into one with a sentence.
 *
 * @param name the database, for the sentence: without its password.
 */
export function describePostgresError(name: string, error: unknown): unknown {
  if (error instanceof TinctError || error instanceof TypeError || error instanceof RangeError) {
    return error;
  }
  const message = messageOf(error);
  const make = (
    code: ConstructorParameters<typeof TinctError>[0],
    sentence: string,
    kind: string = STORE_TROUBLE,
  ) => new TinctError(code, sentence, { cause: error, kind });
  const state = stateOf(error);
  if (state === undefined) {
    if (tlsWords.test(message)) {
      return make(
        "failed_precondition",
        `PostgreSQL at ${name} is not reached by TLS (${message}): give the authority of its ` +
          "certificate as sslrootcert=FILE, and a host that the certificate names.",
      );
    }
    if (/password must be a string|no password/i.test(message)) return noPassword(name, error);
    if (!awayWords.test(`${codeOf(error)} ${message}`)) return error;
    return make(
      "unavailable",
      `PostgreSQL at ${name} cannot be reached (${message}); the server goes on by itself when it can.`,
      STORE_AWAY,
    );
  }
  if (awayStates.test(state)) {
    return make(
      "unavailable",
      `PostgreSQL at ${name} does not answer now (${message}); the server goes on by itself when it does.`,
      STORE_AWAY,
    );
  }
  if (conflictStates.test(state) || state === "57014") {
    return make("unavailable", `PostgreSQL at ${name} is busy (${message}); try again.`);
  }
  switch (state) {
    case "28P01":
    case "28000":
      return /no password/i.test(message) ? noPassword(name, error) : make(
        "permission_denied",
        `PostgreSQL at ${name} refuses this user (${message}): look at the name in --store and at ` +
          "the password in PGPASSWORD or ~/.pgpass.",
      );
    case "3D000":
      return make(
        "failed_precondition",
        `PostgreSQL at ${name} has no such database; make it with createdb.`,
      );
    case "42501":
      return make(
        "permission_denied",
        `The user of --store may not do that in ${name} (${message}): make it the database's owner.`,
      );
    case "53100":
      return make(
        "resource_exhausted",
        `The disk of PostgreSQL at ${name} is full: nothing was written; free some space there.`,
      );
    case "53200":
      return make("resource_exhausted", `PostgreSQL at ${name} has no memory left.`);
    case "XX001":
    case "XX002":
      return make("data_loss", `The database ${name} is damaged (${message}); restore it.`);
    default:
      return make("internal", `The database ${name} refused a statement (${state}): ${message}.`);
  }
}

function noPassword(name: string, cause: unknown): TinctError {
  return new TinctError(
    "permission_denied",
    `PostgreSQL at ${name} wants a password: set PGPASSWORD, or write it into ~/.pgpass.`,
    { cause, kind: STORE_TROUBLE },
  );
}

/** SQLSTATE. */
function stateOf(error: unknown): string | undefined {
  const code = codeOf(error instanceof TinctError ? error.cause : error);
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("E") ? code : undefined;
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
