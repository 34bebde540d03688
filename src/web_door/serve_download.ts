import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus } from "@connectrpc/connect/protocol-connect";
import type { Calls } from "../calls/call.ts";
import type { AnyMethod } from "../calls/methods.ts";
import { pageHeaders, sendText } from "./serve_page.ts";
import { tarBytes, tarEnd, tarHead } from "./tar.ts";
import { Visit, type VisitRules } from "./visit.ts";
import { writePieces } from "./write_answer.ts";

/**
 * Files that a browser saves by a link, as one archive (tar): what a call streams, without the page that
 * shows the link. The call is made as any other is, with its scope, its rate and its place in the log.
 */
export interface Download {
  /** What the whole path matches. */
  readonly pattern: RegExp;
  /** The path of the call, which streams `FilePieces`. */
  readonly method: string;
  /** The call's request, as its handler has it. */
  readonly requestOf: (match: RegExpExecArray) => object;
  /** Name of the archive without its ending, and of the folder in it. */
  readonly nameOf: (match: RegExpExecArray) => string;
}

/** What a message of such a call has. */
interface FilePieces {
  /** All files, in the first message. */
  readonly files?: readonly { readonly fileName?: string; readonly sizeBytes?: number }[] | null;
  /** The next bytes; none of two files. */
  readonly data?: Uint8Array | string | null;
}

/** What a download is answered with. */
interface DownloadSetting {
  readonly rules: VisitRules;
  readonly calls: Calls;
  readonly method: AnyMethod;
}

/** Answers a request for a download. */
export async function serveDownload(
  download: Download,
  match: RegExpExecArray,
  { rules, calls, method }: DownloadSetting,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET") {
    return sendText(response, 405, "GET a download.\n", { allow: "GET" });
  }
  if (method.kind !== "serverStream") throw new TypeError(`${download.method} streams no answers.`);
  const visit = new Visit(rules, {
    method: { path: download.method, kind: "serverStream" },
    request,
    response,
    onContinue: () => {},
  });
  try {
    visit.admit();
  } catch (error) {
    return refuse(response, error);
  }
  const maxStallMs = rules.settings.maxStallSeconds * 1000;
  const name = download.nameOf(match);
  let files: { name: string; sizeBytes: number }[] = [];
  let [at, leftBytes] = [-1, 0];
  const ending = await calls.serverStream(
    visit.incoming(),
    method,
    download.requestOf(match),
    async (value) => {
      const { files: told, data } = value as FilePieces;
      const pieces: Uint8Array[] = [];
      if (at < 0) {
        files = (told ?? []).map(({ fileName = "", sizeBytes = 0 }) => ({
          name: `${name}/${fileName}`,
          sizeBytes: Number(sizeBytes),
        }));
        response.writeHead(200, {
          ...pageHeaders,
          "content-type": "application/x-tar",
          "content-length": tarBytes(files),
          "content-disposition": `attachment; filename="${name}.tar"`,
          "cache-control": "no-store",
          "x-accel-buffering": "no",
        });
      }
      const bytes = data instanceof Uint8Array ? data : new Uint8Array();
      if (bytes.length > 0 && leftBytes === 0) {
        const file = files[++at];
        if (!file) throw new TypeError("A download has more files than it told of.");
        leftBytes = file.sizeBytes;
        pieces.push(tarHead(file));
      }
      leftBytes -= bytes.length;
      pieces.push(bytes);
      if (leftBytes === 0) pieces.push(tarEnd(files[at]?.sizeBytes ?? 0));
      await writePieces(response, pieces, maxStallMs);
    },
  );
  if (!("status" in ending)) {
    response.end(tarEnd());
  } else if (response.headersSent) response.destroy(); // a part of a file must not look like all of it
  else refuse(response, rules.errors.of(ending.status));
}

function refuse(response: ServerResponse, error: unknown): void {
  if (!(error instanceof ConnectError)) throw error;
  const status = codeToHttpStatus(error.code);
  const challenge = { "www-authenticate": "Bearer" };
  sendText(response, status, `${error.rawMessage}\n`, status === 401 ? challenge : {});
}
