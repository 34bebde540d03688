import process from "node:process";
import { TinctError } from "../errors.ts";
import { cString } from "./c_string.ts";

const libc = {
  // int setsockopt(int sockfd, int level, int optname, const void* optval, socklen_t optlen)
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  // int getsockopt(int sockfd, int level, int optname, void* optval, socklen_t* optlen)
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  // int getsockname(int sockfd, struct sockaddr* addr, socklen_t* addrlen)
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  // int getdtablesize(void)
  getdtablesize: { parameters: [], result: "i32" },
} as const;

const SOL_SOCKET = 1;
const SO_BINDTODEVICE = 25;
const SO_ACCEPTCONN = 30;
const AF_INET = 2;
const AF_INET6 = 10;
const LOOPBACK = cString("lo");
/** A new descriptor takes the lowest free number, so that a process has its few ones far below this. */
const MAX_DESCRIPTORS = 65_536;

/**
 * Keeps other machines away from a port at which this process listens: TensorFlow listens on every
 * network and serves every caller. Linux only; elsewhere nothing happens.
 *
 * @throws TinctError `failed_precondition` where the system does not allow it.
 */
export function keepToLoopback(port: number): void {
  if (process.platform !== "linux") return;
  using library = disposable(Deno.dlopen("libc.so.6", libc));
  const { symbols } = library;
  const listening = listeningDescriptors(symbols, port);
  const kept = listening.filter((fd) =>
    symbols.setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, LOOPBACK, LOOPBACK.length) === 0
  );
  if (kept.length > 0 && kept.length === listening.length) return;
  throw new TinctError(
    "failed_precondition",
    `TensorFlow's port ${port} cannot be limited to this machine: before Linux 5.7 only root may ` +
      "do that. Train with one replica.",
  );
}

/**
 * This process's sockets that listen at a port. The system is asked for each descriptor: the list in
 * `/proc/self/fd` is not to be had for a process that may not do everything.
 */
function listeningDescriptors(
  { getsockopt, getsockname, getdtablesize }: Deno.DynamicLibrary<typeof libc>["symbols"],
  port: number,
): number[] {
  const answer = new Int32Array(1);
  const address = new DataView(new ArrayBuffer(128)); // sockaddr_storage
  const size = new Uint32Array(1);
  const found: number[] = [];
  for (let fd = 0; fd < Math.min(getdtablesize(), MAX_DESCRIPTORS); fd++) {
    size[0] = answer.byteLength;
    if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, answer, size) !== 0 || answer[0] !== 1) continue;
    size[0] = address.byteLength;
    if (getsockname(fd, address, size) !== 0) continue;
    const family = address.getUint16(0, true);
    // The port is at the same place in both, in the network's order.
    if ((family === AF_INET || family === AF_INET6) && address.getUint16(2) === port) {
      found.push(fd);
    }
  }
  return found;
}

function disposable<T extends { close(): void }>(library: T): T & Disposable {
  return Object.assign(library, { [Symbol.dispose]: () => library.close() });
}
