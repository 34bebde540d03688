import type { IncomingMessage, ServerResponse } from "node:http";
import type { Pages } from "./pages.ts";

/**
 * What pages may do: load what this server has, and nothing else; run no script that stands in them; be
 * in nobody's frame. Pictures may come from the page's own memory, as photos do that it was given.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** What every page, and every file of one, comes with. */
export const pageHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": policy,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/** A path of the application's own, which it reads itself: "/jobs/3f1c". */
const INNER_PATH = /^\/[A-Za-z][\w-]*(?:\/[\w-][\w.-]*)*\/?$/;

/** A path that a call would have: "/tinct.v2.Service/Method". */
const CALL_PATH = /^\/[\w.]+\/\w+$/;

/**
 * Answers a request that is no call: with a page, or that there is none.
 *
 * @param mayLook whether the page may be shown; has answered otherwise. What a page is made of holds no
 *   secret, and everybody may have it.
 */
export function servePage(
  pages: Pages,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
  mayLook: () => boolean,
): void {
  if (request.method === "POST" && CALL_PATH.test(path)) {
    // As Connect has it; clients of gRPC-Web read the same in the status.
    const message = `There is no method ${path} here; docs/api.md of Tinct lists those there are.`;
    const error = { code: "unimplemented", message };
    return sendText(response, 404, JSON.stringify(error), { "content-type": "application/json" });
  }
  if (request.method !== "GET" && request.method !== "HEAD") {
    return sendText(
      response,
      405,
      "GET, or POST to a method such as " +
        "/tinct.v1.TrainingJobService/GetTrainingJob.\n",
      { allow: "GET, HEAD" },
    );
  }
  const isPage = path === "/" || (!pages.has(path) && INNER_PATH.test(path) &&
    /\btext\/html\b/.test(request.headers.accept ?? ""));
  const file = pages.get(isPage ? "/index.html" : path);
  if (file === undefined) return sendText(response, 404, "There is no such page here.\n");
  if (isPage && !mayLook()) return;
  const takesGzip = /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  const bytes = takesGzip && file.gzip ? file.gzip : file.bytes;
  response.writeHead(200, {
    ...pageHeaders,
    "content-type": file.type,
    "content-length": bytes.byteLength,
    "cache-control": file.isImmutable ? "public, max-age=31536000, immutable" : "no-cache",
    ...(file.gzip && { vary: "accept-encoding" }),
    ...(bytes === file.gzip && { "content-encoding": "gzip" }),
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

/** Answers with a sentence. */
export function sendText(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...pageHeaders,
    "content-type": "text/plain; charset=utf-8",
    "cache-control": "no-store",
    ...headers,
  });
  response.end(text);
}
