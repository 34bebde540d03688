import { createHash, timingSafeEqual } from "node:crypto";
import { TinctError } from "../errors.ts";
import type { AccessList, Client } from "./access_file.ts";
import { scopeOf } from "./scopes.ts";

/** What is known of a call before its handler runs. */
interface Caller {
  /** Such as "/tinct.v1.ColorizationService/Train". */
  readonly path: string;
  /** What the `authorization` header says; undefined where there is none. */
  readonly authorization: string | undefined;
  /** Common name of the client's certificate, which TLS has verified; undefined where none was. */
  readonly commonName: string | undefined;
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
  authorize({ path, authorization, commonName }: Caller): Client {
    const client = this.#clientOf(authorization, commonName);
    const scope = scopeOf(path);
    if (client.scopes.has(scope) || client.scopes.has("admin")) return client;
    throw new TinctError(
      "permission_denied",
      `${path} needs the scope "${scope}", and ${client.name} has ${
        [...client.scopes].join(", ")
      }; ask the server's operator for it.`,
    );
  }

  #clientOf(authorization: string | undefined, commonName: string | undefined): Client {
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
    const hash = createHash("sha256").update(token ?? "").digest();
    // Every token is compared, whichever fits, so that the time tells nothing.
    let found: Client | undefined;
    for (const client of this.#list.tokens) {
      if (timingSafeEqual(hash, client.hash)) found = client;
    }
    if (token !== undefined && found !== undefined) return found;
    throw new TinctError("unauthenticated", "This server does not know the token.");
  }
}
