/**
 * Which tests may run beside others. Tests that compute on every core, or that judge speed or memory,
 * run one after another; all others run in several processes side by side.
 */

/** Folders (with a slash) and files whose tests run alone, and why. */
const alone: Readonly<Record<string, string>> = {
  "tests/hostile/": "attacks fill the machine, and others' rates and memory are judged meanwhile",
  "tests/server/many_watchers_test.ts": "judges how soon events arrive",
  "tests/server/vanishing_watchers_test.ts": "judges the server's memory",
  "tests/server/early_collection_test.ts": "judges the server's memory",
  "tests/colorizing/cancel_colorize_test.ts": "judges how soon work ends",
  "tests/training/out_of_memory_test.ts": "takes much memory",
  "tests/faults/out_of_memory_test.ts": "takes much memory",
};

/** Folders and files whose tests need neither a server nor a training: `deno task test --quick`. */
const quick: readonly string[] = [
  "tests/abort_test.ts",
  "tests/in_time_test.ts",
  "tests/words_test.ts",
  "tests/access/access_file_test.ts",
  "tests/calls/door/",
  "tests/checkpoints/",
  "tests/color/",
  "tests/config/",
  "tests/drawing/",
  "tests/files/",
  "tests/gpu/",
  "tests/log/log_test.ts",
  "tests/machine/",
  "tests/model/",
  "tests/protocol/",
  "tests/sweeps/halving_test.ts",
  "tests/sweeps/search_test.ts",
  "tests/tensorboard/",
  "tests/terminal/",
  "tests/tools/",
];

/** The most files that one process tests. */
const FILES_A_BATCH = 6;

/** Files that one process tests, one after another. */
export interface Batch {
  readonly files: readonly string[];
  /** Whether no other process may test meanwhile. */
  readonly isAlone: boolean;
}

/**
 * Divides test files among processes. A process tests files of one folder, in their order; those that
 * run alone come last.
 *
 * @param files paths from the clone's root, with slashes.
 */
export function planTests(files: readonly string[]): Batch[] {
  const isAlone = (file: string) => Object.keys(alone).some((path) => isWithin(file, path));
  const beside = Map.groupBy(files.filter((file) => !isAlone(file)), folderOf);
  const last = files.filter(isAlone);
  return [
    ...[...beside.values()].flatMap(batchesOf).map((each) => ({ files: each, isAlone: false })),
    ...last.map((file) => ({ files: [file], isAlone: true })),
  ];
}

/** The files of `deno task test --quick`. */
export function quickTests(files: readonly string[]): string[] {
  return files.filter((file) => quick.some((path) => isWithin(file, path)));
}

function isWithin(file: string, path: string): boolean {
  return path.endsWith("/") ? file.startsWith(path) : file === path;
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/"));
}

function batchesOf(files: readonly string[]): string[][] {
  const batches = Math.ceil(files.length / FILES_A_BATCH);
  const size = Math.ceil(files.length / batches);
  return Array.from({ length: batches }, (_, i) => files.slice(i * size, (i + 1) * size));
}
