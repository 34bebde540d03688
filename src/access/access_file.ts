import { messageOf, TinctError } from "../errors.ts";
import { parseStrictJson } from "../files/strict_json.ts";
import { isScope, type Scope, scopes } from "./scopes.ts";

/** Somebody who may call. */
export interface Client {
  /** For the log. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** A client that is known by a token. */
interface TokenClient extends Client {
  /** SHA-256 of the token, 32 bytes. */
  readonly hash: Uint8Array;
}

/** Who may call. */
export interface AccessList {
  readonly tokens: readonly TokenClient[];
  /** By the common name of their certificate. */
  readonly certificates: ReadonlyMap<string, Client>;
}

/** An entry of the file's `tokens`, as `tinct token` writes it. */
export interface TokenEntry {
  readonly name: string;
  readonly sha256: string;
  readonly scopes: readonly Scope[];
}

/**
 * Reads the text of an access file:
 *
 *     { "tokens": [{ "name", "sha256", "scopes": ["train", "read"] }],
 *       "certificates": [{ "name", "commonName", "scopes": ["read"] }] }
 *
 * @param path names the file in errors.
 * @throws {TinctError} invalid_argument that names the entry; never with a token or hash in it.
 */
export function parseAccessFile(text: string, path: string): AccessList {
  const refuse = (what: string): never => {
    throw new TinctError("invalid_argument", `${path}: ${what}.`);
  };
  let file: unknown;
  try {
    file = parseStrictJson(text, { maxDepth: 10 });
  } catch (error) {
    return refuse(`it is not JSON (${messageOf(error).slice(0, 80)})`);
  }
  const refuseOthers = (fields: Record<string, unknown>, known: readonly string[], at: string) => {
    const others = Object.keys(fields).filter((name) => !known.includes(name));
    if (others.length === 0) return;
    const named = others.map((name) => `${at}${name}`).join(", ");
    const are = others.length === 1 ? "is not a field" : "are not fields";
    refuse(`${named} ${are}; there are ${known.join(", ")}`);
  };
  if (isObject(file)) refuseOthers(file, ["tokens", "certificates"], "");
  const entriesOf = (name: "tokens" | "certificates"): Record<string, unknown>[] => {
    const list: unknown = isObject(file) ? file[name] ?? [] : refuse("it must be an object");
    if (!Array.isArray(list) || !list.every(isObject)) {
      refuse(`${name} must be an array of objects`);
    }
    return list as Record<string, unknown>[];
  };
  const clientOf = (entry: Record<string, unknown>, where: string): Client => {
    const { name, scopes: given } = entry;
    if (typeof name !== "string" || name === "") refuse(`${where}.name must be a text`);
    if (!Array.isArray(given) || given.length === 0 || !given.every(isScope)) {
      refuse(`${where}.scopes must be among ${scopes.join(", ")}`);
    }
    return { name: String(name), scopes: new Set((given as unknown[]).filter(isScope)) };
  };
  const tokens = entriesOf("tokens").map((entry, index): TokenClient => {
    const where = `tokens[${index}]`;
    refuseOthers(entry, ["name", "sha256", "scopes"], `${where}.`);
    const { sha256 } = entry;
    if (typeof sha256 !== "string" || !/^[0-9a-f]{64}$/.test(sha256)) {
      refuse(`${where}.sha256 must be 64 hexadecimal digits; \`tinct token\` makes an entry`);
    }
    return { ...clientOf(entry, where), hash: Buffer.from(String(sha256), "hex") };
  });
  const certificates = new Map<string, Client>();
  for (const [index, entry] of entriesOf("certificates").entries()) {
    const where = `certificates[${index}]`;
    refuseOthers(entry, ["name", "commonName", "scopes"], `${where}.`);
    const { commonName } = entry;
    if (typeof commonName !== "string" || commonName === "") {
      refuse(`${where}.commonName must be a text`);
    }
    if (certificates.has(String(commonName))) refuse(`${where}.commonName is there twice`);
    certificates.set(String(commonName), clientOf(entry, where));
  }
  return { tokens, certificates };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
