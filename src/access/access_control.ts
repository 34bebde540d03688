import { createHash, timingSafeEqual } from "node:crypto";
import { TinctError } from "../errors.ts";
import type { AccessList, Client } from "./access_file.ts";
import { scopeOf } from "./scopes.ts";

/** What a client shows of who it is. */
export interface Credentials {
  /** What the `authorization` header says; undefined where there is none. */
  readonly authorization: string | undefined;
  /** SHA-256 of a token that the client showed before; asked only where there is no header. */
  readonly signedInBy?: Uint8Array | undefined;
  /** Common name of the client's certificate, which TLS has verified; undefined where none was. */
  readonly commonName: string | undefined;
}

/** What is known of a call before its handler runs. */
interface Caller extends Credentials {
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
}

/** Decides who may call what. */
export class AccessControl {
  #list: AccessList;

  constructor(list: AccessList) {
    this.#list = list;
  }

  /** Goes over to another list; calls that were let in go on. */
  replace(list: AccessList): void {
    this.#list = list;
  }

  /**
   * Lets a call in or not.
   *
   * @returns who calls.
   * @throws {TinctError} unauthenticated: nobody that is known; permission_denied: somebody who lacks
   *   the scope.
   */
  authorize({ path, ...shown }: Caller): Client {
    const client = this.identify(shown);
    const scope = scopeOf(path);
    if (client.scopes.has(scope) || client.scopes.has("admin")) return client;
    throw new TinctError(
      "permission_denied",
      `${path} needs the scope "${scope}", and ${client.name} has ${
        [...client.scopes].join(", ")
      }; ask the server's operator for it.`,
    );
  }

  /** Who shows this. @throws {TinctError} unauthenticated: nobody that is known. */
  identify({ authorization, signedInBy, commonName }: Credentials): Client {
    if (authorization === undefined && signedInBy !== undefined) {
      const client = this.#clientWith(signedInBy);
      if (client) return client;
      throw new TinctError(
        "unauthenticated",
        "The token that you signed in by is no longer valid.",
      );
    }
    if (authorization === undefined) {
      const client = commonName === undefined ? undefined : this.#list.certificates.get(commonName);
      if (client) return client;
      throw new TinctError(
        "unauthenticated",
        "This server requires a token: send it as metadata `authorization: Bearer TOKEN`" +
          (commonName === undefined ? "." : "; the certificate's name is not in its list."),
      );
    }
    const token = /^Bearer +([\x21-\x7e]{1,4096})$/i.exec(authorization)?.[1];
    const found = this.#clientWith(hashOf(token ?? ""));
    if (token !== undefined && found !== undefined) return found;
    throw new TinctError("unauthenticated", "This server does not know the token.");
  }

  #clientWith(hash: Uint8Array): Client | undefined {
    // Every token is compared, whichever fits, so that the time tells nothing.
    let found: Client | undefined;
    for (const client of this.#list.tokens) {
      if (timingSafeEqual(hash, client.hash)) found = client;
    }
    return found;
  }
}

/** What stands for a token in the list: its SHA-256, 32 bytes. */
export function hashOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}
