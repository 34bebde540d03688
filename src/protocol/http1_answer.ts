/** What a port of gRPC says to a client that speaks another protocol. */
export const PLAIN_SENTENCE =
  "This port speaks gRPC (HTTP/2), for programs; there is no page here. Clients: docs/clients.md of Tinct.\n";

const METHODS = ["GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS ", "TRACE "];

/** Whether the first bytes of a connection are those of a request of HTTP/1. */
export function beginsHttp1(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(8, bytes.length))
    .toString("latin1");
  return METHODS.some((method) => text.startsWith(method.slice(0, text.length)) && text.length > 2);
}

/** The whole answer to such a request, after which the connection ends. */
export function http1Answer(): string {
  return [
    "HTTP/1.1 426 Upgrade Required",
    "Upgrade: h2c",
    "Connection: close, Upgrade",
    "Content-Type: text/plain; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(PLAIN_SENTENCE)}`,
    "",
    PLAIN_SENTENCE,
  ].join("\r\n");
}
