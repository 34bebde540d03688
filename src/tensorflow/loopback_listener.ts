import { readdir, readFile, readlink } from "node:fs/promises";
import process from "node:process";
import { TinctError } from "../errors.ts";
import { cString } from "./c_string.ts";

const libc = {
  // int setsockopt(int sockfd, int level, int optname, const void* optval, socklen_t optlen)
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
} as const;

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const LOOPBACK = cString("lo");
/** The state of a listening socket in `/proc/net/tcp`. */
const LISTENING = "0A";

/**
 * Keeps other machines away from a port at which this process listens: TensorFlow listens on every
 * network and serves whoever comes. Linux only; elsewhere nothing happens.
 *
 * @throws TinctError `failed_precondition` where the system does not allow it.
 */
export async function keepToLoopback(port: number): Promise<void> {
  if (process.platform !== "linux") return;
  const sockets = await listeningSockets(port);
  let kept = 0;
  using library = disposable(Deno.dlopen("libc.so.6", libc));
  for (const name of await readdir("/proc/self/fd")) {
    const target = await readlink(`/proc/self/fd/${name}`).catch(() => ""); // it may be gone by now
    if (!sockets.has(target)) continue;
    const { setsockopt } = library.symbols;
    const fd = Number(name);
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, LOOPBACK, LOOPBACK.length) === 0) kept++;
  }
  if (kept > 0 && kept === sockets.size) return;
  throw new TinctError(
    "failed_precondition",
    `The port ${port}, at which TensorFlow listens, cannot be kept to this machine: Linux before ` +
      "5.7 allows it to root alone. Train with one replica.",
  );
}

/** The sockets of this machine that listen at a port, as the links in `/proc/self/fd` name them. */
async function listeningSockets(port: number): Promise<Set<string>> {
  const sockets = new Set<string>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    const lines = (await readFile(table, "utf8").catch(() => "")).split("\n").slice(1);
    for (const line of lines) {
      const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
      if (state === LISTENING && parseInt(local.split(":").at(-1) ?? "", 16) === port) {
        sockets.add(`socket:[${inode}]`);
      }
    }
  }
  return sockets;
}

function disposable<T extends { close(): void }>(library: T): T & Disposable {
  return Object.assign(library, { [Symbol.dispose]: () => library.close() });
}
