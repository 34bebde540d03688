/**
 * Which tests may run beside others, and in which order. Tests that judge speed or memory of their own
 * run one after another; all others run in several processes side by side, the longest first.
 */

/** Folders (with a slash) and files whose tests run alone, and why. */
export const alone: Readonly<Record<string, string>> = {
  "tests/hostile/others_rate_test.ts": "judges how much of its rate another client keeps",
  "tests/web_door/others_rate_test.ts": "judges the same at the door for browsers",
};

/**
 * Seconds that files take, about: those with 15 and more, which begin before all others. By the clock of
 * a run of all tests on two cores, two files at a time; what was changed since is estimated.
 */
export const seconds: Readonly<Record<string, number>> = {
  "tests/service/two_servers_test.ts": 100,
  "tests/cli/replicas_test.ts": 95,
  "tests/docs/commands_test.ts": 92,
  "tests/supervision/replicas_test.ts": 62,
  "tests/faults/deleted_dataset_test.ts": 57,
  "tests/faults/server_kill_test.ts": 54,
  "tests/faults/killed_saves_test.ts": 54,
  "tests/hostile/memory_test.ts": 70,
  "tests/supervision/shared_store_test.ts": 45,
  "tests/server/vanishing_watchers_test.ts": 42,
  "tests/web/compare_test.ts": 60,
  "tests/web/pages_test.ts": 38,
  "tests/web/colorize_test.ts": 60,
  "tests/training/health/health_policies_test.ts": 33,
  "tests/hostile/photos_test.ts": 30,
  "tests/web_door/proxies_test.ts": 32,
  "tests/service/server_crash_test.ts": 30,
  "tests/deploy/image_test.ts": 28,
  "tests/hostile/slow_photos_test.ts": 28,
  "tests/training/loss_options_test.ts": 28,
  "tests/cli/evaluate_test.ts": 25,
  "tests/stores/postgres/trouble_test.ts": 25,
  "tests/service/go_client_test.ts": 25,
  "tests/training/encoded_generator_test.ts": 25,
  "tests/supervision/cancel_test.ts": 22,
  "tests/training/replicated_step_test.ts": 22,
  "tests/supervision/training_test.ts": 22,
  "tests/sweeps/sweep_test.ts": 21,
  "tests/exporting/onnx_export_test.ts": 24,
  "tests/web/uploads_test.ts": 55,
  "tests/web/job_page_test.ts": 25,
  "tests/cli/commands_test.ts": 20,
  "tests/service/python_client_test.ts": 20,
  "tests/cli/serve_test.ts": 20,
  "tests/cli/sweep_command_test.ts": 20,
  "tests/server/data_folder_test.ts": 20,
  "tests/training/loop_test.ts": 20,
  "tests/training/resume_test.ts": 19,
  "tests/client/upload_command_test.ts": 19,
  "tests/faults/killed_worker_test.ts": 19,
  "tests/terminal/output/lost_output_test.ts": 18,
  "tests/docs/json_test.ts": 18,
  "tests/cli/reaching_servers_test.ts": 17,
  "tests/datasets/many_photos_test.ts": 17,
  "tests/cli/resume_photos_test.ts": 16,
  "tests/supervision/crashed_workers_test.ts": 16,
  "tests/cli/steering_test.ts": 15,
  "tests/cli/colorize_test.ts": 15,
  "tests/protocol/listener_watch_test.ts": 15,
  "tests/operating/http_listener_test.ts": 15,
  "tests/hostile/connections_test.ts": 15,
};

/** Folders and files whose tests need neither a server nor a training: `deno task test --quick`. */
export const quick: readonly string[] = [
  "tests/abort_test.ts",
  "tests/in_time_test.ts",
  "tests/words_test.ts",
  "tests/web_cards/",
  "tests/web_parts/",
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
