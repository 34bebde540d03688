import type { IncomingMessage, ServerResponse } from "node:http";
import type { Client } from "../access/access_file.ts";
import { type Credentials, hashOf } from "../access/access_control.ts";
import type { Admissions } from "../calls/admissions.ts";
import { TinctError } from "../errors.ts";
import { addressKey } from "../protocol/address_key.ts";
import { certificateNameOf } from "../protocol/tls_server.ts";
import { originMisfit, type OriginRules } from "./origins.ts";
import { readBody } from "./read_body.ts";
import { pageHeaders, sendText } from "./serve_page.ts";
import { SIGN_IN_STYLE, signInPage } from "./sign_in_page.ts";
import { SignIns } from "./sign_ins.ts";

/** What browsers are let in by. */
interface BrowserAccessOptions {
  readonly admissions: Admissions;
  readonly origins: () => OriginRules;
}

/** A form with a token is no larger, and no slower. */
const MAX_FORM_BYTES = 16 * 1024, FORM_MS = 10_000;

/** A path of this server's that a sign-in may lead to. */
const NEXT_PATH = /^\/(?![/\\])[\w/.?=&%-]*$/;

/**
 * How browsers show who they are: a person gives a token once, in a form, and the browser has a cookie
 * from then on that no script reads and no other site's page sends.
 */
export class BrowserAccess {
  readonly #options: BrowserAccessOptions;
  readonly #signIns = new SignIns();
  /** Browsers share cookies between the ports of a host. */
  #cookie = "tinct";

  constructor(options: BrowserAccessOptions) {
    this.#options = options;
  }

  /** Tells where the door was opened. */
  openedAt(port: string): void {
    const name = `tinct_${port}`;
    this.#cookie = this.#options.origins().isSecure ? `__Host-${name}` : name;
  }

  /** What a request shows of who sends it. */
  credentialsOf(request: IncomingMessage): Credentials {
    const { headers } = request;
    const secret = this.#secretOf(request);
    // A browser says which page asks. What has its cookie and does not say so is no browser.
    const isBrowser = headers.origin !== undefined || headers["sec-fetch-site"] !== undefined;
    return {
      authorization: headers.authorization,
      signedInBy: secret !== undefined && isBrowser
        ? this.#signIns.tokenHashOf(secret) ?? NOBODY
        : undefined,
      commonName: certificateNameOf(request.socket),
    };
  }

  /** Whether a page may be shown to a request's sender, who is sent to sign in otherwise. */
  mayLook(request: IncomingMessage): boolean {
    if (!this.#options.admissions.isGuarded) return true;
    return !(this.#clientOf(request) instanceof TinctError);
  }

  /** Answers a request about signing in and out. @returns false where it is about none. */
  async answer(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    goOn: () => void,
  ): Promise<boolean> {
    const isPost = request.method === "POST";
    if (path === "/sign-in.css" && !isPost) {
      response.writeHead(200, { ...pageHeaders, "content-type": "text/css; charset=utf-8" });
      response.end(SIGN_IN_STYLE);
    } else if (path === "/sign-in" && !isPost) {
      const asked = new URLSearchParams(request.url?.split("?")[1]).get("next");
      if (this.#options.admissions.isGuarded) sendForm(response, 200, nextOf(asked));
      else redirect(response, "/");
    } else if (path === "/session" && !isPost) this.#tellSession(request, response);
    else if ((path === "/sign-in" || path === "/sign-out") && isPost) {
      const misfit = originMisfit(request, this.#options.origins());
      if (misfit) sendText(response, 403, `${misfit.message}\n`);
      else if (path === "/sign-in") await this.#signIn(request, response, goOn);
      else this.#signOut(request, response);
    } else return false;
    return true;
  }

  async #signIn(
    request: IncomingMessage,
    response: ServerResponse,
    onReady: () => void,
  ): Promise<void> {
    let form: URLSearchParams;
    try {
      const body = await readBody(request, {
        maxBytes: MAX_FORM_BYTES,
        arrivalMs: FORM_MS,
        advice: "send a token",
        takeRoom: () => Promise.resolve(),
        onReady,
      });
      form = new URLSearchParams(body.toString("utf8"));
    } catch (error) {
      if (!(error instanceof TinctError)) throw error;
      return sendText(response, 413, `${error.message}\n`);
    }
    const token = (form.get("token") ?? "").trim();
    const next = nextOf(form.get("next"));
    if (!this.#options.admissions.isGuarded) return redirect(response, next);
    const client = this.#clientOf(request, `Bearer ${token}`);
    if (client instanceof TinctError) {
      const status = client.code === "unauthenticated" ? 401 : 429;
      return sendForm(response, status, next, client.message);
    }
    const before = this.#secretOf(request);
    if (before !== undefined) this.#signIns.end(before);
    this.#setCookie(request, response, this.#signIns.begin(hashOf(token)));
    redirect(response, next);
  }

  #signOut(request: IncomingMessage, response: ServerResponse): void {
    const secret = this.#secretOf(request);
    if (secret !== undefined) this.#signIns.end(secret);
    this.#setCookie(request, response, "");
    redirect(response, this.#options.admissions.isGuarded ? "/sign-in" : "/");
  }

  /** Who a browser is, for pages: its name and what it may do. */
  #tellSession(request: IncomingMessage, response: ServerResponse): void {
    const { isGuarded } = this.#options.admissions;
    const found = isGuarded ? this.#clientOf(request) : undefined;
    const client = found instanceof TinctError ? undefined : found;
    const told = {
      guarded: isGuarded,
      signedIn: this.#secretOf(request) !== undefined && client !== undefined,
      client: client?.name ?? null,
      scopes: isGuarded ? [...client?.scopes ?? []] : ["admin"],
    };
    response.writeHead(200, {
      ...pageHeaders,
      "content-type": "application/json",
      "cache-control": "no-store",
    });
    response.end(JSON.stringify(told));
  }

  /** @param authorization in place of what the request shows. */
  #clientOf(request: IncomingMessage, authorization?: string): Client | TinctError {
    const { socket } = request;
    const shown = authorization === undefined
      ? this.credentialsOf(request)
      : { authorization, commonName: undefined };
    return this.#options.admissions.identify(shown, {
      address: addressKey(socket.remoteAddress),
      connection: socket,
      isStubborn: () => void socket.destroy(),
    });
  }

  #secretOf({ headers }: IncomingMessage): string | undefined {
    for (const pair of (headers.cookie ?? "").split(";")) {
      const [name = "", value = ""] = pair.trim().split("=");
      if (name === this.#cookie && /^[\w-]{43}$/.test(value)) return value;
    }
    return undefined;
  }

  #setCookie(request: IncomingMessage, response: ServerResponse, secret: string): void {
    const isSecure = this.#options.origins().isSecure ||
      request.headers["x-forwarded-proto"] === "https";
    response.setHeader(
      "set-cookie",
      [
        `${this.#cookie}=${secret}`,
        "Path=/",
        "HttpOnly",
        "SameSite=Strict",
        ...(isSecure ? ["Secure"] : []),
        ...(secret === "" ? ["Max-Age=0"] : []),
      ].join("; "),
    );
  }
}

/** The hash of no token: who shows a cookie that is worth nothing is told to sign in. */
const NOBODY = new Uint8Array(32);

function nextOf(given: string | null): string {
  return given !== null && NEXT_PATH.test(given) ? given : "/";
}

function sendForm(response: ServerResponse, status: number, next: string, fault?: string): void {
  response.writeHead(status, {
    ...pageHeaders,
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
  });
  response.end(signInPage(next, fault));
}

/** Sends a browser to another page of this server. */
export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { ...pageHeaders, location, "cache-control": "no-store" });
  response.end();
}
