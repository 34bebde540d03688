/** How a documented command is run here. */
export interface RunHere {
  /** Options that make it small. */
  readonly add?: string;
  /** What is put in place of what the document says; ADDR always becomes the server's address. */
  readonly replace?: Readonly<Record<string, string>>;
  /** What it must print. */
  readonly says: RegExp;
  /** Its exit code; 0 unless said. */
  readonly code?: number;
  /** Whether it gets a process of its own, through `deno task`, though it is a command of Tinct. */
  readonly isAlone?: boolean;
  /** Files that it must leave, from the folder that it runs in. */
  readonly leaves?: readonly string[];
}

const small = "--size 32 --n-down 5 --ngf 4 --ndf 4 --n-layers 2 --batch-size 2 --threads 1";
const brief =
  `${small} --max-steps 4 --validation-photos 2 --sample-every 2 --sample-count 2 --log-every 1`;
const mine = ["runs/mine/losses.png", "runs/mine/metrics.jsonl", "runs/mine/samples"];

/** Commands that use this machine alone, in the order in which they run. */
export const local: Readonly<Record<string, RunHere>> = {
  "deno task tinct --help": { says: /^Usage: deno task tinct COMMAND/, isAlone: true },
  "deno task tinct train --help": { says: /--lambda-l1 N/ },
  'eval "$(deno task -q tinct completion bash)"': {
    add: "&& complete -p tinct deno",
    says: /^complete -F _tinct tinct\ncomplete -F _tinct_deno deno$/m,
  },
  "deno task tinct setup": { says: /TensorFlow/, isAlone: true },
  "deno task tinct doctor": { add: "--no-measure", says: /TensorFlow/, isAlone: true },
  "deno task tinct check --data PHOTOS": { add: small, says: /^ *gray +2, left out/m },
  "deno task tinct check --data PHOTOS [training options]": {
    replace: { "[training options]": `${small.replace(" --threads 1", "")} --no-measure` },
    says: /^ *near-duplicates +3 in 1 group/m,
  },
  "deno task tinct train --data PHOTOS --out runs/mine": {
    add: brief,
    says: /Trained 4 steps/,
    isAlone: true,
    leaves: [...mine, "runs/mine/checkpoints/step-00000004"],
  },
  "deno task tinct train --data PHOTOS --out runs/mine --resume": {
    add: "--max-steps 6 --threads 1",
    says: /Trained 6 steps/,
    leaves: ["runs/mine/checkpoints/step-00000006"],
  },
  "deno task tinct colorize --model runs/mine old/*.jpg --out colorized": {
    says: /colorized/,
    leaves: ["colorized/cat.jpg", "colorized/gray.jpg"],
  },
  "deno task tinct evaluate --model runs/mine --data PHOTOS": { says: /^PSNR, dB \(higher\)/m },
  "deno task tinct evaluate --model runs/mine --model runs/other --data PHOTOS --sheet sheet.png": {
    replace: { "runs/other": "runs/mine --checkpoint latest" },
    says: /told apart$/m,
    leaves: ["sheet.png"],
  },
  "deno task tinct export --model runs/mine --format onnx --whole": {
    says: /^exports\/mine\/model\.onnx {2}/m,
    leaves: ["exports/mine/README.md", "exports/mine/model.onnx"],
  },
  "deno task tinct augment --preview PHOTOS": { says: /augmentation\.png/ },
  "deno task tinct augment --preview PHOTOS --crop 0.6 --grain 8 --out mine.png": {
    says: /mine\.png/,
    leaves: ["mine.png"],
  },
  "deno task tinct train --data PHOTOS --out runs/mine --replicas 2": {
    replace: { "runs/mine": "runs/replicas" },
    add: brief,
    says: /Trained 4 steps/,
  },
  "deno task tinct train --data PHOTOS --out runs/mine --resume --replicas 3": {
    replace: { "runs/mine": "runs/replicas" },
    add: "--max-steps 5 --threads 1",
    says: /Trained 5 steps/,
  },
  "deno task tinct train --data MORE_PHOTOS --out runs/more --start-from runs/mine": {
    replace: { "MORE_PHOTOS": "PHOTOS" },
    add: "--max-steps 1 --batch-size 1",
    says: /Trained 1 step/,
    leaves: ["runs/more/checkpoints/step-00000001"],
  },
  "deno task tinct train --data PHOTOS --out runs/guided --start-from runs/mine --hints": {
    add: "--max-steps 1 --batch-size 1",
    says: /Trained 1 step/,
  },
  "deno task tinct sweep FILE --data PHOTOS --out runs/sweep": {
    says: /psnr_db/,
    leaves: ["runs/sweep/sweep.json", "runs/sweep/sweep.png"],
  },
  "deno task tinct import ddcolor.onnx --out models/ddcolor": {
    replace: { "ddcolor.onnx": "tests/testdata/imported/ddcolor.fixed.onnx" },
    says: /models\/ddcolor: ddcolor, 64 x 64 pixels/,
    leaves: ["models/ddcolor/import.json"],
  },
  "deno task tinct colorize --model models/ddcolor old/*.jpg --out colorized": {
    replace: { "--out colorized": "--out colorized-by-ddcolor" },
    says: /which sees 64 x 64 pixels/,
    leaves: ["colorized-by-ddcolor/cat.jpg"],
  },
  "deno task tinct evaluate --model models/ddcolor --model runs/mine --data PHOTOS --size 256": {
    replace: { "--size 256": "--size 32" },
    says: /^PSNR, dB \(higher\)/m,
  },
  "deno task tinct onnx NETWORK.onnx": {
    replace: { "NETWORK.onnx": "tests/testdata/onnx/eccv16.legacy17.onnx" },
    says: /takes in0 \[1, 1, 16, 24\]\n {2}gives out\nTinct has every operation of it\.$/m,
  },
  "deno task tinct onnx NETWORK.onnx --input IN.npy --expected OUT.npy": {
    replace: {
      "NETWORK.onnx": "tests/testdata/onnx/eccv16.legacy17.onnx",
      "IN.npy": "tests/testdata/onnx/eccv16.in0.npy",
      "OUT.npy": "tests/testdata/onnx/eccv16.out.npy",
    },
    says: /Everything is within its tolerance\.\n$/,
  },
  "deno task parity tests/testdata/parity/vanilla tests/testdata/parity/wgangp": {
    says: /Everything is within its tolerance\.\n$/,
  },
  "npx -y deno@2.9.3 task demo": {
    add: "--minutes 0.05",
    says: /Colorize photos with it:/,
    leaves: ["runs/demo/colorized.png"],
  },
};

/** Servers: started, told by their log line that they are ready, and stopped. */
export const servers: Readonly<Record<string, RunHere>> = {
  "deno task serve --data-dir DIR": { add: "--listen 127.0.0.1:0 --threads 1", says: /ready/ },
  "deno task serve --data-dir DIR --listen 0.0.0.0:50051 --tls-cert server.crt --tls-key server.key --access access.json":
    {
      // The other one has DIR meanwhile.
      replace: { "0.0.0.0:50051": "0.0.0.0:0", "--data-dir DIR": "--data-dir GUARDED" },
      says: /ready/,
    },
  "deno task tinct serve --data-dir DATA --replicas 2": {
    add: "--listen 127.0.0.1:0",
    says: /ready/,
  },
  "deno task serve --data-dir DIR --metrics 127.0.0.1:9464": {
    replace: { "127.0.0.1:9464": "127.0.0.1:0", "--data-dir DIR": "--data-dir MEASURED" },
    add: "--listen 127.0.0.1:0",
    says: /"metrics":"127\.0\.0\.1:\d+"/,
  },
  "deno task serve --data-dir DIR --web 127.0.0.1:8051": {
    replace: { "127.0.0.1:8051": "127.0.0.1:0", "--data-dir DIR": "--data-dir OPENED" },
    add: "--listen 127.0.0.1:0",
    says: /"web":"http:\/\/127\.0\.0\.1:\d+"/,
  },
  "deno task serve --data-dir DIR --probe 127.0.0.1:8081": {
    replace: { "127.0.0.1:8081": "127.0.0.1:0", "--data-dir DIR": "--data-dir PROBED" },
    add: "--listen 127.0.0.1:0",
    says: /"probe":"127\.0\.0\.1:\d+"/,
  },
};

const tiny = "size=32 n_down=5 ngf=4 ndf=4 n_layers=2 batch_size=2 max_steps=4 validation_photos=2";

/** Commands that use the first server, in the order in which they run. */
export const clients: Readonly<Record<string, RunHere>> = {
  "deno task tinct import ddcolor.onnx --name ddcolor": {
    replace: { "ddcolor.onnx": "tests/testdata/imported/ddcolor.fixed.onnx" },
    add: "--server ADDR",
    says: /^ddcolor version 1: ddcolor, 64 x 64 pixels$/m,
  },
  "deno task tinct colorize --server ADDR --model ddcolor old/*.jpg --out colorized": {
    replace: { "--out colorized": "--out colorized-there" },
    isAlone: true,
    says: /colorized-there/,
    leaves: ["colorized-there/cat.jpg"],
  },
  "deno task tinct sweep FILE --server ADDR --out runs/sweep": {
    replace: { "runs/sweep": "runs/served", "FILE": "DATASET_FILE" },
    says: /psnr_db/,
    leaves: ["runs/served/sweep.png"],
  },
};

/** The same in Python, where there is one that can fetch packages. */
export const python: Readonly<Record<string, RunHere>> = {
  "python3 -m venv venv && venv/bin/pip install -r examples/python/requirements.txt": {
    says: /grpcio/,
  },
  "venv/bin/python -m grpc_tools.protoc -I protos --python_out=examples/python --grpc_python_out=examples/python protos/tinct/v1/*.proto":
    { says: /^$/, leaves: ["examples/python/tinct/v1/colorization_service_pb2_grpc.py"] },
  "venv/bin/python examples/python/client.py --photos FOLDER --photo GRAY.jpg --out COLOUR.jpg": {
    add: `--server ADDR ${tiny.split(" ").map((each) => `--set ${each}`).join(" ")}`,
    says: /JOB_STATE_SUCCEEDED[^]*COLOUR\.jpg: \d+x\d+/,
    leaves: ["COLOUR.jpg"],
  },
};

/** Commands that are not run here: why, and what is in their place. */
export const elsewhere: Readonly<Record<string, string>> = {
  "npx -y deno@2.9.3 task test": "runs this test",
  "deno task ok": "runs this test",
  ".ci/run": "runs this test",
  "deno install --frozen": ".ci/run does it before this test",
  "deno task ok format lint check layout": ".ci/run does it before this test",
  "deno task protos --check": ".ci/run does it before this test",
  "deno task protos": "rewrites files of the clone; .ci/run runs it with --check",
  "deno task tinct video old.mp4 colour.mp4 --model runs/mine":
    "needs ffmpeg; tests/video_files does it where there is one",
  "deno task test --quick": ".ci/run runs all of it",
  "deno task test tests/color": "tests/tools/run_tests_test.ts runs the runner",
  "deno task tinct train --data PHOTOS --out runs/mine --lambda-perceptual 5 --perceptual-weights vgg16_bn.safetensors":
    "needs torchvision's weights; tests/training/perceptual_test.ts trains with drawn ones",
  "deno task tinct train --data PHOTOS --out runs/mine --generator resnet18 --encoder-weights resnet18.safetensors --lambda-perceptual 5 --perceptual encoder":
    "needs torchvision's weights; tests/training/perceptual_test.ts trains with drawn ones",
  "deno task tinct train --data PHOTOS --out runs/mine --start-from latest_net_G.pth":
    "needs somebody's weights; tests/training/start_from_file_test.ts begins with drawn ones",
  "deno task tinct train --data PHOTOS --out runs/mine --start-from ddcolor_paper_tiny.pth":
    "needs DDColor's weights; tests/training/start_from_file_test.ts begins with drawn ones",
  "deno task tinct weights upload resnet18.safetensors --name resnet18":
    "needs torchvision's weights; tests/cli/commands_test.ts uploads drawn ones",
  "deno task tinct submit --dataset NAME --generator resnet18 --encoder-weights resnet18":
    "needs torchvision's weights; tests/supervision/uploaded_weights_test.ts trains with drawn ones",
  "deno task tinct submit --dataset NAME --start-from ddcolor_paper_tiny.pth":
    "needs DDColor's weights; tests/supervision/uploaded_weights_test.ts trains with drawn ones",
  "deno task serve --data-dir DIR --colorize-device gpu:0,gpu:1":
    "needs two GPUs; tests/colorizing/several_workers_test.ts has two workers on the CPU",
  "deno task tinct train --data PHOTOS --out runs/mine --device gpu --replicas 4":
    "needs four GPUs; tests/cli/replicas_test.ts starts replicas on the CPU",
  "deno task tinct train --data PHOTOS --out runs/mine --replica-addresses a:4100,b:4100 --rank 0":
    "needs two machines; tests/cli/replicas_test.ts does it on one",
  "deno task tinct train --data PHOTOS --replica-addresses a:4100,b:4100 --rank 1":
    "needs two machines; tests/cli/replicas_test.ts does it on one",
  "pip install tensorboard==2.21.0":
    "changes the user's own Python; tests/training/tensorboard_test.ts does it in a folder",
  "deno task serve --data-dir DIR --store postgres://tinct@db.example:5432/tinct":
    "needs PostgreSQL; tests/service/two_servers_test.ts starts one",
  "deno task tinct migrate-store --data-dir DIR --store postgres://tinct@db.example:5432/tinct":
    "needs PostgreSQL; tests/stores/postgres/carry_over_test.ts starts one",
  "createdb -h db.example -U tinct tinct":
    "needs PostgreSQL; tests/stores/postgres makes databases",
  "OTEL_DENO=true OTEL_SERVICE_NAME=tinct OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 deno task serve --data-dir DIR":
    "needs a collector; tests/calls/traces_test.ts is one",
  "cd examples/go && ./generate.sh && go run . -photos FOLDER -photo GRAY.jpg -out COLOUR.jpg":
    "tests/service/go_client_test.ts does it",
  "python3 -m venv .venv && .venv/bin/pip install -r bench/pytorch/requirements.txt":
    "PyTorch is 200 MB and more",
};

/** What is not run here whatever follows it: beginnings of commands, in whole words. */
export const foreign: Readonly<Record<string, string>> = {
  "deno run -A tests/hostile/others_rate.ts":
    "takes a minute; tests/hostile/others_rate_test.ts is the same in small",
  "deno run -A bench/": "takes minutes; tests/docs/references_test.ts looks for its options",
  "deno task bench": "takes minutes, and PyTorch; tests/bench covers what runs it",
  "python3 bench/":
    "takes minutes, and PyTorch; tests/docs/references_test.ts looks for its options",
  "go install": "changes the user's own Go; tests/service/go_client_test.ts does it in a folder",
  curl: "needs a job and a free port; tests/web_door/curl_test.ts makes such calls",
  docker: "needs a container engine; tests/deploy/image_test.ts runs the scripts of the stages",
  kubectl: "needs a cluster; tests/deploy/manifests_test.ts checks what it would apply",
  helm: "needs a cluster; tests/deploy/manifests_test.ts renders the chart and checks it",
  systemctl: "needs systemd; tests/deploy/manifests_test.ts checks the unit",
  tensorboard: "runs until it is stopped; tests/training/tensorboard_test.ts reads the files by it",
};

/** First lines of indented blocks that are no commands. */
export const noCommands: readonly RegExp[] = [
  /[▶◀─]/, // a diagram
  /^C = sqrt/, // a formula
  /^net = keras/, // Python
  /^ *hint :?= /, // Python and Go
  /^photos +\d/, // what `check` prints
  /^tinct\.v1\./, // a trace
  /^postgres:\/\//, // a connection string
];
