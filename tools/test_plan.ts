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
 * Seconds that files take, about: those with 20 and more, which begin before all others. By the clock of
 * a run of all tests on two cores, four files at a time.
 */
export const seconds: Readonly<Record<string, number>> = {
  "tests/service/two_servers_test.ts": 200,
  "tests/faults/killed_saves_test.ts": 190,
  "tests/supervision/replicas_test.ts": 165,
  "tests/faults/deleted_dataset_test.ts": 162,
  "tests/cli/replicas_test.ts": 160,
  "tests/web/compare_test.ts": 129,
  "tests/docs/commands_test.ts": 120,
  "tests/training/encoded_generator_test.ts": 99,
  "tests/service/server_crash_test.ts": 88,
  "tests/hostile/memory_test.ts": 81,
  "tests/supervision/uploaded_weights_test.ts": 73,
  "tests/supervision/training_test.ts": 72,
  "tests/faults/killed_worker_test.ts": 72,
  "tests/sweeps/sweep_test.ts": 70,
  "tests/supervision/cancel_test.ts": 67,
  "tests/deploy/image_test.ts": 64,
  "tests/cli/sweep_command_test.ts": 64,
  "tests/web/colorize_test.ts": 59,
  "tests/server/vanishing_watchers_test.ts": 55,
  "tests/faults/out_of_memory_test.ts": 55,
  "tests/datasets/many_photos_test.ts": 53,
  "tests/supervision/crashed_workers_test.ts": 52,
  "tests/faults/server_kill_test.ts": 51,
  "tests/cli/commands_test.ts": 50,
  "tests/training/loop_test.ts": 48,
  "tests/hostile/photos_test.ts": 45,
  "tests/web/pages_test.ts": 43,
  "tests/cli/serve_test.ts": 42,
  "tests/supervision/shared_store_test.ts": 42,
  "tests/training/loss_options_test.ts": 41,
  "tests/service/go_client_test.ts": 40,
  "tests/colorizing/colorizing_test.ts": 38,
  "tests/supervision/origins_test.ts": 38,
  "tests/supervision/training_health_test.ts": 38,
  "tests/faults/lost_data_test.ts": 37,
  "tests/server/many_watchers_test.ts": 36,
  "tests/service/python_client_test.ts": 36,
  "tests/web/uploads_test.ts": 35,
  "tests/supervision/found_checkpoints_test.ts": 35,
  "tests/workers/stopped_server_test.ts": 35,
  "tests/parity/parity_test.ts": 34,
  "tests/stores/postgres/postgres_store_test.ts": 34,
  "tests/training/health/health_policies_test.ts": 33,
  "tests/hostile/slow_photos_test.ts": 33,
  "tests/server/data_folder_test.ts": 33,
  "tests/cli/steering_test.ts": 32,
  "tests/colorizing/live_models_test.ts": 32,
  "tests/training/resume_test.ts": 32,
  "tests/cli/odd_names_test.ts": 31,
  "tests/cli/resume_photos_test.ts": 31,
  "tests/importing/import_model_test.ts": 31,
  "tests/docs/json_test.ts": 30,
  "tests/terminal/output/lost_output_test.ts": 30,
  "tests/web/job_page_test.ts": 30,
  "tests/server/preload_test.ts": 30,
  "tests/training/replicated_step_test.ts": 29,
  "tests/cli/train_refusals_test.ts": 29,
  "tests/stores/sqlite/sqlite_store_test.ts": 28,
  "tests/training/optimizing_test.ts": 27,
  "tests/faults/full_disk_test.ts": 27,
  "tests/training/hints_training_test.ts": 26,
  "tests/stores/postgres/trouble_test.ts": 26,
  "tests/cli/colorize_command_test.ts": 25,
  "tests/supervision/lost_workers_test.ts": 25,
  "tests/training/perceptual_test.ts": 23,
  "tests/colorizing/apart_colorizing_test.ts": 20,
  "tests/datasets/changing_datasets_test.ts": 20,
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
