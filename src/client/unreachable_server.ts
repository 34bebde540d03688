import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";
import type { ServiceError } from "@grpc/grpc-js";
import { TinctError } from "../errors.ts";
import type { Connection } from "./server_connection.ts";

/** So long a server may take to show what it speaks. */
const PROBE_MS = 2000;

/** What is said of a certificate that is not trusted. */
const UNTRUSTED = /certificate|altnames|self.signed|unable to (?:get|verify)|issuer|CERT_/i;

/**
 * Why no connection came about, and the way out. Only "unavailable" is worth another try.
 *
 * @param error of a call that found no connection.
 */
export async function explainUnreachable(
  { address, isTls, hasCertificate, proxy, proxySaid }: Connection,
  error: ServiceError,
): Promise<TinctError> {
  const cause = { cause: error };
  const reason = reasonOf(error.details) || proxySaid();
  if (proxy !== undefined && !UNTRUSTED.test(reason)) {
    return new TinctError(
      "unavailable",
      `${address} cannot be reached through the proxy ${proxy.address} that ${proxy.variable} ` +
        `names${
          reason === "" ? "" : ` (${reason})`
        }; start the server, repair the proxy, or name the ` +
        `host in ${proxy.exemptions} to connect directly.`,
      cause,
    );
  }
  if (error.details.startsWith("Name resolution failed")) {
    return new TinctError(
      "unavailable",
      `There is no machine with the name in ${address}; check --server.`,
      cause,
    );
  }
  if (!/ECONNREFUSED|ENOENT/.test(reason)) {
    if (!isTls && await speaksTls(address)) {
      return new TinctError(
        "failed_precondition",
        `The server at ${address} speaks TLS: give --ca FILE with the authority of its certificate, ` +
          "or --tls where this system trusts it.",
        cause,
      );
    }
    if (isTls && await speaksHttp2(address)) {
      return new TinctError(
        "failed_precondition",
        `The server at ${address} does not speak TLS: leave out --tls, --ca, --cert and --key.`,
        cause,
      );
    }
    if (await speaksHttp1(address, isTls) || isTls && await speaksHttp1(address, false)) {
      return new TinctError(
        "failed_precondition",
        `What answers at ${address} speaks HTTP/1.1, as for browsers (\`serve --web\`), and not gRPC: ` +
          "give the address of `serve --listen` as --server.",
        cause,
      );
    }
    if (isTls && UNTRUSTED.test(reason)) {
      return new TinctError(
        "failed_precondition",
        /required/i.test(reason)
          ? `The server at ${address} requires a client certificate: give --cert and --key.`
          : `The certificate of the server at ${address} is not trusted (${reason}); give --ca FILE ` +
            "with its authority, and the certificate's name as --server.",
        cause,
      );
    }
    if (isTls && !hasCertificate && await speaksTls(address)) {
      return new TinctError(
        "unavailable",
        `The server at ${address} ends every connection (${reason}); it may require a certificate of ` +
          "this client: give --cert and --key.",
        cause,
      );
    }
  }
  const refused = /ECONNREFUSED|ENOENT/.test(reason) || reason === "";
  return new TinctError(
    "unavailable",
    `No server answers at ${address}${
      refused ? "" : ` (${reason})`
    }; start one with \`deno task serve\`, or give --server.`,
    cause,
  );
}

/** The reason in what grpc-js says: "… Last error: REASON (TIME). Resolution note: ". */
function reasonOf(details: string): string {
  const said = /Last error: (?:Error: )?(.*?)(?: \(\d{4}-\d\d-\d\dT[^)]*\))?\. Resolution note:/
    .exec(details)?.[1] ?? "";
  return said === "undefined" ? "" : said;
}

/** Whether TLS is spoken at an address, with any certificate. */
function speaksTls(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    // Nothing is sent: the certificate is not even looked at.
    const socket = connectTls({ ...placeOf(address), rejectUnauthorized: false });
    settle(socket, "secureConnect", resolve);
  });
}

/** Whether HTTP/2 is spoken at an address in the clear. */
function speaksHttp2(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const place = placeOf(address);
    const session = connectHttp2(
      "path" in place ? "http://localhost" : `http://${address}`,
      "path" in place ? { ...place } : {},
    );
    settle(session, "remoteSettings", resolve);
  });
}

/** Whether HTTP/1.1 is spoken at an address, as it is to browsers. */
function speaksHttp1(address: string, isTls: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const place = placeOf(address);
    const socket = isTls
      ? connectTls({ ...place, ALPNProtocols: ["h2", "http/1.1"], rejectUnauthorized: false })
      : connect(place);
    socket.once("secureConnect", () => {
      if ("alpnProtocol" in socket && socket.alpnProtocol === "h2") socket.destroy();
    });
    socket.once("data", (bytes) => {
      if (bytes.toString("latin1").startsWith("HTTP/1.")) socket.emit(ANSWERED);
      else socket.destroy();
    });
    settle(socket, ANSWERED, resolve);
    socket.write("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  });
}

/** That HTTP/1.1 was answered. */
const ANSWERED = "http1";

function settle(
  connection: {
    once(event: string, listener: () => void): unknown;
    on(event: string, listener: () => void): unknown;
    destroy(): void;
  },
  sign: string,
  resolve: (speaks: boolean) => void,
): void {
  const end = (speaks: boolean) => {
    clearTimeout(timer);
    resolve(speaks);
    connection.destroy();
  };
  const timer = setTimeout(() => end(false), PROBE_MS);
  connection.once(sign, () => end(true));
  connection.on("error", () => end(false)); // it does not
  connection.once("close", () => end(false));
}

function placeOf(address: string): { path: string } | { host: string; port: number } {
  if (address.startsWith("unix:")) return { path: address.slice("unix:".length) };
  const at = address.lastIndexOf(":");
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(at + 1)) };
}
