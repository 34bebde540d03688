/** Parameters of `mallopt` in glibc's malloc.h. */
const M_TRIM_THRESHOLD = -1;
const M_MMAP_THRESHOLD = -3;

/** Messages, pieces of photos and pictures are as large. */
const LARGE_BYTES = 256 * 1024;
/** So much at the end of its memory the allocator keeps for what comes next. */
const KEPT_BYTES = 8 * 1024 * 1024;

/**
 * Has the allocator give the memory of large buffers back to the system when they are freed.
 *
 * Left alone glibc does so only until the first such buffer is freed: it takes that for a sign that
 * others of its size will follow, and keeps their memory in pieces, up to 32 MiB a buffer
 * (mallopt(3), "dynamic mmap threshold"). A server that takes photos of 15 MiB in comes to several
 * times the memory of those that it has at a time.
 *
 * @returns false where the C library is another, or foreign functions are not allowed.
 */
export function giveLargeBuffersBack(): boolean {
  try {
    const libc = Deno.dlopen("libc.so.6", {
      mallopt: { parameters: ["i32", "i32"], result: "i32" },
    });
    const { mallopt } = libc.symbols;
    // Each sets its own threshold, and ends that glibc moves either.
    const isSet = mallopt(M_MMAP_THRESHOLD, LARGE_BYTES) === 1 &&
      mallopt(M_TRIM_THRESHOLD, KEPT_BYTES) === 1;
    libc.close();
    return isSet;
  } catch {
    return false;
  }
}
