/**
 * Loaded into a server by `bench/soak.ts --memory`: writes each second what its memory is made of, as a
 * line of JSON, to the file of the address's parameter `file`. All in bytes; Linux with glibc only.
 *
 * `rss` is about `heapTotal` (V8's heap, `young` of it for what is new), `allocated` (by glibc's
 * allocator: `external` of it buffers of JavaScript), `free` (which the allocator keeps; some of it is
 * not resident), and some 60 MB of the program's own file.
 */
import { appendFileSync } from "node:fs";
import process from "node:process";
import { getHeapSpaceStatistics } from "node:v8";

const file = new URL(import.meta.url).searchParams.get("file") ?? "";
const libc = Deno.dlopen("libc.so.6", {
  mallinfo2: { parameters: [], result: { struct: Array<"usize">(10).fill("usize") } },
});
const timer = setInterval(() => {
  const { rss, heapTotal, heapUsed, external } = process.memoryUsage();
  const young = getHeapSpaceStatistics()
    .filter(({ space_name }) => space_name.startsWith("new_"))
    .reduce((sum, { space_size }) => sum + space_size, 0);
  const facts = new BigUint64Array(libc.symbols.mallinfo2().slice().buffer);
  // `struct mallinfo2`: hblkhd, of its own pages; uordblks, in use; fordblks, free.
  const [mapped, used, free] = [4, 7, 8].map((index) => Number(facts[index]));
  const allocated = (mapped ?? 0) + (used ?? 0);
  appendFileSync(
    file,
    `${JSON.stringify({ rss, heapTotal, heapUsed, young, external, allocated, free })}\n`,
  );
}, 1000);
Deno.unrefTimer(timer);
