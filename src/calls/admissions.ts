import type { AccessControl, Credentials } from "../access/access_control.ts";
import type { Client } from "../access/access_file.ts";
import { needsNoToken } from "../access/scopes.ts";
import type { ServiceSettings } from "../config/service.ts";
import { TinctError } from "../errors.ts";
import type { CallKind } from "../protocol/stream_gate.ts";
import type { Admission } from "./call.ts";
import { CallRate } from "./call_rate.ts";
import { type MemoryBudget, UNREAD_BYTES } from "./door/memory_budget.ts";
import { WrongTokens } from "./door/wrong_tokens.ts";

/** Messages up to this size are covered by what every call takes of the budget. */
export const SMALL_MESSAGE_BYTES = 16 * 1024;

/** What health checks may hold whatever others do: a server that is busy is not dead. */
const HEALTH_BYTES = 2 ** 20;

/** What calls are let in by. */
interface AdmissionOptions {
  readonly settings: Pick<
    ServiceSettings,
    "maxCallsPerSecond" | "maxMetadataKib" | "maxWrongTokens"
  >;
  /** Who may call what; undefined: everyone who reaches the server. */
  readonly access: AccessControl | undefined;
  readonly budget: MemoryBudget;
}

/** Where somebody is who shows a token. */
interface Place {
  /** As `addressKey` has it. */
  readonly address: string;
  /** The connection: a right token that came by it keeps it open where others guess. */
  readonly connection: object;
  /** Told that a stranger goes on though all is refused. */
  readonly isStubborn: () => void;
}

/** A call at a door, before a byte of its message is taken. */
interface Knock extends Place {
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  /** What the path leads to; undefined: nowhere. */
  readonly kind: CallKind | undefined;
  /** Size of its headers as HTTP/2 counts it, see `metadataBytes`. */
  readonly metadataBytes: number;
  readonly credentials: () => Credentials;
  /** What else is wrong with its headers; undefined: nothing. */
  readonly misfit: () => TinctError | undefined;
}

/**
 * Looks at every call, whichever door it came to, before a byte of its message is taken: whether its
 * path leads anywhere, its metadata are small enough, its token is right, and its client has calls and
 * room left. What a client has used up at one door it has used up at all of them.
 */
export class Admissions {
  readonly #options: AdmissionOptions;
  readonly #rate: CallRate;
  readonly #wrongTokens: WrongTokens;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#rate = new CallRate(options.settings.maxCallsPerSecond);
    this.#wrongTokens = new WrongTokens(options.settings.maxWrongTokens);
  }

  /** Whether clients have to show who they are. */
  get isGuarded(): boolean {
    return this.#options.access !== undefined;
  }

  /**
   * Lets a call in.
   *
   * @returns what it holds; whoever let it in disposes of its share when the call is over.
   */
  lookAt(knock: Knock): Admission | TinctError {
    const { path, kind, address } = knock;
    const { settings, access, budget } = this.#options;
    const maxBytes = settings.maxMetadataKib * 1024;
    if (knock.metadataBytes > maxBytes) {
      const message =
        `The call's metadata has ${knock.metadataBytes} bytes, and the limit is ${maxBytes}; send ` +
        "what is longer in messages.";
      const never = { kind: "METADATA_TOO_LARGE", retryDelayMs: Infinity };
      return new TinctError("resource_exhausted", message, never);
    }
    const isOpen = kind !== undefined && needsNoToken(path);
    if (kind === undefined || isOpen || access === undefined) {
      const busy = this.#tooOften(isOpen ? `${address}, health` : address, knock, isOpen);
      if (busy) return busy;
    }
    if (kind === undefined) {
      const message = `There is no method ${JSON.stringify(path.slice(0, 200))} here; ` +
        "are the protos the server's?";
      return new TinctError("unimplemented", message, { kind: "UNKNOWN_METHOD" });
    }
    const misfit = knock.misfit();
    if (misfit) return misfit;
    let client: string | undefined;
    if (access !== undefined && !isOpen) {
      const found = this.#authorize(access, knock);
      if (typeof found !== "string") return found;
      client = found;
      const busy = this.#tooOften(client, knock, true);
      if (busy) return busy;
    }
    const share = budget.open(client ?? (isOpen ? `${address}, health` : address));
    const bytes = baseBytes(kind);
    if (isOpen && budget.heldBy(share.client) < HEALTH_BYTES) share.keep(bytes);
    else if (!share.tryTake(bytes)) return share.noRoom(bytes);
    return { client, share };
  }

  /**
   * Counts a message as a call: each of reflection's is answered.
   *
   * @throws {TinctError} resource_exhausted where its client sends too many.
   */
  countMessage(client: string): void {
    this.#rate.take(client);
  }

  /**
   * Who shows a token or a certificate, apart from any call.
   *
   * @returns why nobody is known, or that too many wrong tokens came from there.
   */
  identify(shown: Credentials, place: Place): Client | TinctError {
    const { access } = this.#options;
    if (access === undefined) throw new TypeError("Everybody may call here.");
    return this.#known(shown, place, () => access.identify(shown));
  }

  /** @returns who calls. */
  #authorize(access: AccessControl, knock: Knock): string | TinctError {
    const shown = knock.credentials();
    const { path } = knock;
    const client = this.#known(shown, knock, () => access.authorize({ path, ...shown }));
    return client instanceof TinctError ? client : client.name;
  }

  /** @param find looks at what is shown. */
  #known(shown: Credentials, place: Place, find: () => Client): Client | TinctError {
    const { address, connection } = place;
    const isGuess = shown.authorization !== undefined;
    if (isGuess && !this.#wrongTokens.mayLook(address, connection)) {
      return this.#tooOften(address, place, false) ?? tooManyTokens(address);
    }
    try {
      const client = find();
      this.#wrongTokens.note(address, connection, true);
      return client;
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      if (error.code === "permission_denied") return error;
      if (isGuess) this.#wrongTokens.note(address, connection, false);
      return this.#tooOften(address, place, false) ?? error;
    }
  }

  /** Counts a call. @returns why it is refused, if its client makes too many. */
  #tooOften(client: string, place: Place, isKnown: boolean): TinctError | undefined {
    try {
      this.#rate.take(client);
      return undefined;
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      if (!isKnown && this.isGuarded) place.isStubborn();
      return error;
    }
  }
}

/** What every call takes of the budget, with its small messages. */
function baseBytes(kind: CallKind): number {
  const isRead = kind === "unary" || kind === "serverStream";
  return SMALL_MESSAGE_BYTES + (isRead ? 0 : UNREAD_BYTES);
}

/** The size of headers as HTTP/2 counts it: each one's name and value, and 32 bytes (RFC 9113, 6.5.2). */
export function metadataBytes(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
): number {
  let sizeBytes = 0;
  for (const [name, given] of Object.entries(headers)) {
    if (name.startsWith(":")) continue;
    for (const value of Array.isArray(given) ? given : [String(given)]) {
      sizeBytes += name.length + value.length + 32;
    }
  }
  return sizeBytes;
}

function tooManyTokens(address: string): TinctError {
  return new TinctError(
    "resource_exhausted",
    `Too many wrong tokens came from ${address}; wait, and call again with the right one.`,
    { kind: "WRONG_TOKENS", retryDelayMs: 10_000 },
  );
}
