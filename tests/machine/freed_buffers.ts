/**
 * Makes buffers as a server's messages come, frees them, and prints the MB by which the process has
 * grown: `freed_buffers.ts set|unset`. As `trimmed` it prints that again once `FreedMemory` is done.
 */
import process from "node:process";
import { setTimeout as passed } from "node:timers/promises";
import { FreedMemory, giveLargeBuffersBack } from "../../src/machine/allocator.ts";
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
const keptMb = () => Math.round((process.memoryUsage.rss() - before) / 1e6);
console.log(keptMb());
if (process.argv[2] === "trimmed") {
  using _freed = new FreedMemory({ everyMs: 20 });
  for (let waited = 0; keptMb() > 30 && waited < 20_000; waited += 20) await passed(20);
  console.log(keptMb());
}
