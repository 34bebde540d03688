import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { TinctError } from "../errors.ts";

/** Which sites the door's pages are known by. */
export interface OriginRules {
  /** Whether the door speaks TLS by itself. */
  readonly isSecure: boolean;
  /** Whether clients have to show who they are. */
  readonly isGuarded: boolean;
  /** Origins of the pages besides the door's own, where a proxy stands before it. */
  readonly origins: readonly string[];
}

/**
 * Refuses what a page of another site makes a browser ask. A browser says by `Origin` and
 * `Sec-Fetch-Site` which page asks, and no page can keep it from that; programs say nothing. Where
 * nobody has to show who they are, the name that a browser has found the door by must be known, too: a
 * stranger's name may lead to this machine (DNS rebinding), and its pages are of the same origin then.
 *
 * @returns undefined where the request may pass.
 */
export function originMisfit(
  { headers }: IncomingMessage,
  { isSecure, isGuarded, origins }: OriginRules,
): TinctError | undefined {
  const { host = "", origin } = headers;
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") {
    return otherSite(`a page of another site (${String(site).slice(0, 20)})`);
  }
  if (origin !== undefined && !origins.includes(origin)) {
    const own = URL.parse(origin);
    const isOwn = own?.host === host && (!isSecure || own.protocol === "https:");
    if (!isOwn) return otherSite(`a page of ${JSON.stringify(origin.slice(0, 200))}`);
  }
  if (isGuarded || isSecure || isKnownName(host, origins)) return undefined;
  return otherSite(
    `a client that calls this server ${JSON.stringify(host.slice(0, 200))}, which may be a ` +
      "stranger's name for it,",
  );
}

/** Names that no stranger can lead here: addresses themselves, this machine's, and those we were told. */
function isKnownName(host: string, origins: readonly string[]): boolean {
  const name = URL.parse(`http://${host}`)?.hostname ?? "";
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  if (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0) return true;
  return origins.some((origin) => URL.parse(origin)?.hostname === name);
}

function otherSite(who: string): TinctError {
  return new TinctError(
    "permission_denied",
    `This request comes from ${who}; open the server's own page, or name the site by --web-origin.`,
    { kind: "OTHER_ORIGIN" },
  );
}
