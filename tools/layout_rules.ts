/**
 * The layout of the project as data: which place may import which, and what belongs in one place
 * only. `check_imports.ts` enforces it; `docs/architecture.md` says what each place answers for.
 */

/** A part of the project. */
export interface Place {
  readonly name: string;
  /** Its files: folders end in a slash. */
  readonly paths: readonly string[];
  /** Names of the places it may import besides itself and `freeForAll`; "*": every one. */
  readonly places: readonly string[];
  /** Packages of the imports map it may import; "*": every one. `node:` modules but `node:fs` are free. */
  readonly packages: readonly string[];
}

const tfjs = "@tensorflow/tfjs";

/** Every place. A file in none of them is refused. */
export const places: readonly Place[] = [
  { name: "settings", paths: ["deno.json"], places: [], packages: [] },
  { name: "version", paths: ["src/version.ts"], places: ["settings"], packages: [] },
  { name: "errors", paths: ["src/errors.ts"], places: [], packages: [] },
  // How names are shown: no control character of a name reaches a terminal or a log.
  { name: "shown", paths: ["src/shown.ts"], places: [], packages: [] },
  // Waiting that ends when nobody wants its outcome any more.
  { name: "abort", paths: ["src/abort.ts"], places: [], packages: [] },
  { name: "work_memory", paths: ["src/work_memory.ts"], places: [], packages: [] },
  // How sentences for people count things.
  { name: "words", paths: ["src/words.ts"], places: [], packages: [] },
  { name: "config", paths: ["src/config.ts", "src/config/"], places: [], packages: [] },
  // The cards of the machine and why none can be used: the server asks, and who computes.
  { name: "gpu", paths: ["src/gpu/"], places: [], packages: [] },
  // What the machine or its container lets a process have.
  { name: "machine", paths: ["src/machine/"], places: [], packages: [] },
  { name: "tensorflow", paths: ["src/tensorflow/"], places: [], packages: ["yauzl"] },
  {
    name: "engine",
    paths: ["src/engine/"],
    places: ["tensorflow", "gpu"],
    packages: [tfjs, "@tensorflow/tfjs-node-gpu"],
  },
  { name: "color", paths: ["src/color/"], places: ["engine"], packages: [tfjs] },
  // Colours that a person gives to things in a photo, and how they spread over it.
  { name: "hints", paths: ["src/hints/"], places: ["color"], packages: [] },
  // The colours of a video, frame after frame: cuts, means over a shot, flicker.
  { name: "video", paths: ["src/video/"], places: ["hints"], packages: [] },
  { name: "model", paths: ["src/model/"], places: ["engine", "color", "config"], packages: [tfjs] },
  // Files that are whole or not there, their errors as sentences, JSON that is checked.
  { name: "files", paths: ["src/files/"], places: [], packages: [] },
  { name: "images", paths: ["src/images/"], places: ["files"], packages: ["sharp", "imagescript"] },
  // Photos made ready for training once, and what is found out about them on the way.
  { name: "prepared", paths: ["src/prepared/"], places: ["images", "files"], packages: [] },
  {
    // Charts, letters and sheets: pictures that are made, not photos.
    name: "drawing",
    paths: ["src/drawing/"],
    places: ["images"],
    packages: ["imagescript"],
  },
  // The demo's photos, drawn from numbers alone.
  { name: "scenes", paths: ["src/scenes/"], places: [], packages: [] },
  {
    // What PyTorch's torch.save wrote, read without running what is in it.
    name: "pytorch_files",
    paths: ["src/pytorch_files/"],
    places: ["files"],
    packages: ["yauzl"],
  },
  {
    name: "checkpoints",
    paths: ["src/checkpoints/"],
    // From color: what the networks were trained with that files come from; nothing here loads TensorFlow.
    places: ["pytorch_files", "files", "color"],
    packages: [],
  },
  { name: "replicas", paths: ["src/replicas/"], places: [], packages: [] },
  {
    // TensorBoard's files are messages of TensorFlow's protos.
    name: "tensorboard",
    paths: ["src/tensorboard/"],
    places: ["tensorflow", "files"],
    packages: [],
  },
  {
    // How training photos are changed by chance, within the compiled step.
    name: "augmentation",
    paths: ["src/augmentation/"],
    places: ["color", "engine", "config", "drawing"],
    packages: [tfjs],
  },
  {
    // Pictures of a generator measured against their photos.
    name: "validation",
    paths: ["src/validation/"],
    places: ["color", "engine", "prepared", "drawing"],
    packages: [tfjs],
  },
  {
    // A run on disk: held by one process, its options and state, its logs.
    name: "runs",
    paths: ["src/runs/"],
    places: ["validation", "prepared", "files", "checkpoints", "config", "tensorboard"],
    packages: [],
  },
  {
    name: "training",
    paths: ["src/training/"],
    // From inference: the generator in a file of another program.
    places: [
      "inference",
      "augmentation",
      "validation",
      "runs",
      "model",
      "engine",
      "color",
      "prepared",
      "drawing",
      "files",
      "checkpoints",
      "config",
      "replicas",
      "machine",
    ],
    packages: [tfjs],
  },
  {
    name: "inference",
    paths: ["src/inference/"],
    places: ["model", "engine", "color", "hints", "images", "files", "checkpoints", "config"],
    packages: [tfjs],
  },
  {
    // Networks of other programs in ONNX form: read, checked, computed.
    name: "onnx",
    paths: ["src/onnx/"],
    places: ["engine", "tensorflow", "files"],
    packages: [tfjs],
  },
  // What a network of another program takes and gives, and what is kept of it; the server knows it, too.
  { name: "profiles", paths: ["src/profiles/"], places: ["files", "color"], packages: [] },
  {
    // Networks of other programs as models: examined, kept in folders, loaded like ours.
    name: "imported",
    paths: ["src/imported/"],
    places: ["profiles", "inference", "onnx", "engine", "color", "files"],
    packages: [tfjs],
  },
  {
    // Models in forms that other programs take. The server exports, so nothing here loads TensorFlow:
    // of tensorflow there is protobuf, of color tables, of model layers, of inference who opens a file.
    name: "exporting",
    paths: ["src/exporting/"],
    places: ["inference", "model", "color", "tensorflow", "checkpoints", "config", "files"],
    packages: [],
  },
  {
    // Compares models by what validation measures.
    name: "evaluation",
    paths: ["src/evaluation/"],
    places: [
      "validation",
      "onnx",
      "engine",
      "tensorflow",
      "color",
      "prepared",
      "drawing",
      "config",
      "files",
    ],
    packages: [tfjs],
  },
  {
    // From config: how options of training are called and what their enums are.
    name: "protocol",
    paths: ["src/protocol/"],
    places: ["config"],
    packages: ["@grpc/grpc-js", "@grpc/proto-loader", "protobufjs"],
  },
  // Facts: jobs, events, models, datasets and sweeps, and the store that keeps them.
  { name: "jobs", paths: ["src/jobs/"], places: ["files", "protocol"], packages: [] },
  { name: "stores", paths: ["src/stores/"], places: ["leases", "jobs", "files"], packages: ["pg"] },
  {
    // The lives of worker processes, whatever they work at.
    name: "fleet",
    paths: ["src/fleet/"],
    places: ["files", "protocol", "config", "gpu", "machine", "replicas"],
    packages: [],
  },
  {
    name: "colorizing",
    paths: ["src/colorizing/"],
    places: ["fleet", "jobs", "protocol", "config", "files", "video"],
    packages: [],
  },
  { name: "leases", paths: ["src/leases/"], places: ["jobs"], packages: [] },
  {
    name: "sweeps",
    paths: ["src/sweeps/"],
    places: ["leases", "jobs", "protocol", "config"],
    packages: [],
  },
  {
    // Training alone. From replicas: where those of a job are to find one another; from colorizing:
    // which checkpoint one begins with.
    name: "supervision",
    paths: ["src/supervision/"],
    places: ["weights", "fleet", "colorizing", "jobs", "protocol", "config", "replicas", "files"],
    packages: [],
  },
  {
    // Opens and ends all that has workers, over one hub.
    name: "workforce",
    paths: ["src/workforce.ts"],
    places: ["supervision", "colorizing", "fleet"],
    packages: [],
  },
  // One line of JSON an event, bounded in rate.
  { name: "log", paths: ["src/log/"], places: [], packages: [] },
  // Who may call what: certificates, tokens, scopes.
  { name: "access", paths: ["src/access/"], places: ["files", "protocol", "log"], packages: [] },
  {
    // Folders of photos that the service knows by name: lists, uploads, reports.
    name: "datasets",
    paths: ["src/datasets/"],
    places: ["fleet", "jobs", "protocol", "config", "files", "log"],
    packages: [],
  },
  // Weights of other programs' networks that clients upload, and what jobs hold of them.
  {
    name: "weights",
    paths: ["src/weights/"],
    // From inference: which generator a file of another program holds; nothing here loads TensorFlow.
    places: ["inference", "checkpoints", "config", "files"],
    packages: [],
  },
  {
    // The life of a call, whatever it asks for: checks, access, rate, deadline, status, trace.
    name: "calls",
    paths: ["src/calls/"],
    places: [
      "machine",
      "colorizing",
      "access",
      "jobs",
      "protocol",
      "config",
      "version",
      "log",
      "files",
    ],
    packages: ["@grpc/grpc-js", "@opentelemetry/api"],
  },
  {
    // Networks of other programs on their way into the service: arriving, looked at, kept.
    name: "importing",
    paths: ["src/importing/"],
    places: ["calls", "colorizing", "fleet", "leases", "jobs", "profiles", "protocol", "files"],
    packages: [],
  },
  {
    // What operators' tools ask over HTTP: metrics and probes.
    name: "operating",
    paths: ["src/operating/"],
    places: ["supervision", "colorizing", "fleet", "jobs", "access", "protocol", "log"],
    packages: ["@grpc/grpc-js", "prom-client"],
  },
  {
    // The same calls for browsers and curl: Connect, gRPC-Web, pages. It knows no service by name.
    name: "web_door",
    paths: ["src/web_door/"],
    places: ["calls", "operating", "access", "log", "protocol", "config"],
    packages: ["@bufbuild/protobuf", "@connectrpc/connect", "@connectrpc/connect-node"],
  },
  {
    // The calls that colorize photos, by Tinct's own contract and by the Open Inference Protocol.
    name: "colorize_calls",
    paths: ["src/colorize_calls/"],
    places: ["calls", "colorizing", "jobs", "protocol", "config", "version"],
    packages: [],
  },
  {
    name: "server",
    paths: ["src/server/"],
    places: [
      "colorize_calls",
      "exporting",
      "calls",
      "web_door",
      "datasets",
      "weights",
      "importing",
      "operating",
      "access",
      "log",
      "workforce",
      "supervision",
      "sweeps",
      "leases",
      "colorizing",
      "fleet",
      "jobs",
      "protocol",
      "config",
      "version",
      "checkpoints",
      "files",
    ],
    packages: ["@grpc/grpc-js"],
  },
  // What the pages are made of: calls by the contract's JSON, live data, charts, controls, words.
  { name: "web_parts", paths: ["src/web_parts/"], places: [], packages: ["preact", "uplot"] },
  // What is whole by itself on several pages: sample sheets, the search of a sweep.
  { name: "web_cards", paths: ["src/web_cards/"], places: ["web_parts"], packages: ["preact"] },
  {
    // The pages in a browser. They know the contract alone, by its JSON.
    name: "web",
    paths: ["src/web/"],
    places: ["web_cards", "web_parts"],
    packages: ["preact", "fflate"],
  },
  // Packs the pages for browsers, and keeps the bundle in the cache.
  { name: "web_bundle", paths: ["src/web_bundle/"], places: [], packages: ["esbuild"] },
  // What every command is made of: arguments, help, output, progress.
  { name: "terminal", paths: ["src/terminal/"], places: ["config", "files"], packages: [] },
  // Photos that a command is given, and the files that come of them: names, guards, writing, report.
  {
    name: "results",
    paths: ["src/results/"],
    places: ["terminal", "hints", "images", "files"],
    packages: [],
  },
  {
    // A client of the service: its connection, watching, uploads.
    name: "client",
    paths: ["src/client/"],
    places: ["terminal", "access", "protocol", "config", "images", "drawing", "jobs", "files"],
    packages: ["@grpc/grpc-js"],
  },
  {
    // Video files, read and written through ffmpeg, and their frames given to a model or a server.
    name: "video_files",
    paths: ["src/video_files/"],
    places: ["inference", "video", "client", "terminal", "protocol", "files", "version"],
    packages: [],
  },
  {
    // TensorFlow on this machine: found or fetched, an engine opened on it, why there is none.
    name: "installation",
    paths: ["src/installation/"],
    places: ["terminal", "engine", "tensorflow", "gpu", "config", "files"],
    packages: [],
  },
  {
    // A training in the process of a command: checked before, shown while it runs, its replicas.
    name: "local_training",
    paths: ["src/local_training/"],
    // From inference: which generator a file of another program holds.
    places: [
      "installation",
      "terminal",
      "training",
      "inference",
      "validation",
      "runs",
      "engine",
      "prepared",
      "drawing",
      "checkpoints",
      "replicas",
      "config",
      "version",
      "machine",
      "files",
    ],
    packages: [],
  },
  { name: "cli", paths: ["src/cli/"], places: ["*"], packages: ["@grpc/grpc-js"] },
  {
    name: "work",
    paths: ["src/workers/"],
    places: [
      "training",
      "validation",
      "runs",
      "imported",
      "profiles",
      "inference",
      "hints",
      "video",
      "engine",
      "images",
      "prepared",
      "files",
      "checkpoints",
      "replicas",
      "protocol",
      "config",
      "version",
      "machine",
    ],
    packages: [tfjs],
  },
  { name: "workers", paths: ["workers/"], places: ["work"], packages: [] },
  // The bill of materials lists the pinned wheels.
  {
    name: "tools",
    paths: ["tools/"],
    places: ["tensorflow"],
    packages: ["protobufjs", "@viz-js/viz"],
  },
  { name: "bench", paths: ["bench/"], places: ["*"], packages: ["*"] },
  { name: "tests", paths: ["tests/"], places: ["*"], packages: ["*"] },
];

/** Places that every other place may import. */
export const freeForAll: readonly string[] = ["errors", "shown", "words", "abort", "work_memory"];

/** Places that run elsewhere than the rest: they may not even import `freeForAll`, nor `node:`. */
export const apart: readonly string[] = ["web", "web_cards", "web_parts"];

/** Places that no other place may import, even one that may import "*". */
export const leaves: readonly string[] = ["tests", "bench", "workers"];

/** Files with exports that only programs import which tests write, or which stand in for a module. */
export const importedByPrograms: readonly string[] = [
  "tests/faults/dying_saves.ts",
  "tests/faults/dying_sqlite.ts",
  "tools/run_tests.ts",
];

/** Name parts that say nothing about what a file answers for. */
export const emptyNames: readonly string[] = "util utils common helper helpers manager misc".split(
  " ",
);

/**
 * Files that do their work when they are started, as processes or threads, so that top-level
 * statements are theirs.
 */
export const programs: readonly string[] = [
  "src/cli/main.ts",
  "src/stores/sqlite/store_thread.ts",
  "src/web/main.tsx",
  "workers/",
  "tools/",
  "bench/",
];
