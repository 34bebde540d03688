/**
 * Makes buffers as a server's messages come, frees them, and prints the MB by which the process has
 * grown: `freed_buffers.ts set|unset`.
 */
import process from "node:process";
import { giveLargeBuffersBack } from "../../src/machine/allocator.ts";
import { releaseBuffer } from "../../src/protocol/release_buffer.ts";

const MIB = 2 ** 20;

if (process.argv[2] === "set" && !giveLargeBuffersBack()) throw new Error("It could not be set.");
releaseBuffer(Buffer.alloc(16 * MIB, 1)); // after the first one that is freed, glibc keeps others
const before = process.memoryUsage.rss();
const small: Buffer[] = [];
for (let round = 0; round < 4; round++) {
  const large: Buffer[] = [];
  for (let index = 0; index < 20; index++) {
    large.push(Buffer.alloc((15 + round) * MIB, 1));
    small.push(Buffer.alloc(10_000, 1)); // lives on, among them
  }
  for (const each of large) releaseBuffer(each);
}
console.log(Math.round((process.memoryUsage.rss() - before) / 1e6));
