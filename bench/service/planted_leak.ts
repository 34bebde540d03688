/** Loaded into a server by `bench/soak.ts --leak`: holds on to more and more memory. */
const megabytesPerMinute = Number(new URL(import.meta.url).searchParams.get("perMinute"));
const kept: Uint8Array[] = [];
const timer = setInterval(() => {
  kept.push(new Uint8Array(megabytesPerMinute * 1e6 / 60).fill(kept.length));
}, 1000);
Deno.unrefTimer(timer);
