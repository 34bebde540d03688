/**
 * Which tests may run beside others, and in which order. Tests that judge speed or memory of their own
 * run one after another; all others run in several processes side by side, the longest first.
 */

/** Folders (with a slash) and files whose tests run alone, and why. */
export const alone: Readonly<Record<string, string>> = {
  "tests/hostile/memory_test.ts": "floods of gigabytes, and others' calls are judged meanwhile",
  "tests/hostile/others_rate_test.ts": "judges how much of its rate another client keeps",
};

/**
 * Seconds of processor time that files take, about: those with 15 and more, which begin before all
 * others. It is what `deno test -A --no-check FILE` and its children use; by the clock they take as
 * long on a calm core, or a little less.
 */
export const seconds: Readonly<Record<string, number>> = {
  "tests/docs/commands_test.ts": 127,
  "tests/service/go_client_test.ts": 106,
  "tests/faults/server_kill_test.ts": 92,
  "tests/supervision/replicas_test.ts": 73,
  "tests/faults/killed_saves_test.ts": 61,
  "tests/cli/commands_test.ts": 37,
  "tests/supervision/cancel_test.ts": 36,
  "tests/server/vanishing_watchers_test.ts": 30,
  "tests/service/python_client_test.ts": 27,
  "tests/supervision/training_test.ts": 27,
  "tests/hostile/photos_test.ts": 25,
  "tests/hostile/slow_photos_test.ts": 25,
  "tests/training/replicated_step_test.ts": 23,
  "tests/cli/sweep_command_test.ts": 22,
  "tests/service/server_crash_test.ts": 19,
  "tests/supervision/training_health_test.ts": 19,
  "tests/supervision/origins_test.ts": 16,
  "tests/deploy/manifests_test.ts": 15,
};

/** Folders and files whose tests need neither a server nor a training: `deno task test --quick`. */
export const quick: readonly string[] = [
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

/** What a file that `seconds` does not name takes in the mean. */
const USUAL_SECONDS = 4;

/** The most files that one process tests. */
const FILES_A_BATCH = 6;

/** Files that one process tests, one after another. */
export interface Batch {
  readonly files: readonly string[];
  /** Whether no other process may test meanwhile. */
  readonly isAlone: boolean;
}

/**
 * Divides test files among processes. A process tests files of one folder, in their order; what takes
 * longest comes first, so that all processes end at about the same time, and what runs alone last.
 *
 * @param files paths from the clone's root, with slashes.
 */
export function planTests(files: readonly string[]): Batch[] {
  const isAlone = (file: string) => Object.keys(alone).some((path) => isWithin(file, path));
  const folders = Map.groupBy(files.filter((file) => !isAlone(file)), folderOf);
  const beside = [...folders.values()].flatMap(batchesOf)
    .toSorted((a, b) => secondsOf(b) - secondsOf(a));
  return [
    ...beside.map((each) => ({ files: each, isAlone: false })),
    ...files.filter(isAlone).map((file) => ({ files: [file], isAlone: true })),
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

function secondsOf(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (seconds[file] ?? USUAL_SECONDS), 0);
}

/** A file that takes long gets a process of its own. */
function batchesOf(files: readonly string[]): string[][] {
  const [long, short] = [true, false].map((isLong) =>
    files.filter((file) => file in seconds === isLong)
  ) as [string[], string[]];
  const batches = Math.ceil(short.length / FILES_A_BATCH);
  const size = Math.ceil(short.length / batches);
  return [
    ...long.map((file) => [file]),
    ...Array.from({ length: batches }, (_, i) => short.slice(i * size, (i + 1) * size)),
  ];
}
