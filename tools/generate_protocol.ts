/**
 * Makes the TypeScript types of the protos, by proto-loader's generator, and the description that the
 * program reads. `deno task protos` writes them to `src/protocol/generated`; a test compares what is
 * there with what would be written.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import protobuf from "protobufjs";

/** Where the types lie, relative to the project's folder. */
export const GENERATED_FOLDER = "src/protocol/generated";

/** The types for the running program, see `contractTypes()`. */
const CONTRACT_FILE = "contract.json";

/** The protos that types are made of, with all that they import; relative to `protos/`. */
const ENTRIES = [
  "google/rpc/error_details.proto",
  "google/rpc/status.proto",
  "grpc/health/v1/health.proto",
  "grpc/reflection/v1/reflection.proto",
  "inference/grpc_inference_service.proto",
  "tinct/v1/colorization_service.proto",
  "tinct/v1/dataset_service.proto",
  "tinct/v1/model_service.proto",
  "tinct/v1/sweep_service.proto",
  "tinct/v1/weights_service.proto",
  "tinct/v1/training_job_service.proto",
  "tinct/worker/v1/worker.proto",
];

/** The same choices as `VALUES` in src/protocol/definitions.ts: a type for each value. */
const LOADER_FLAGS = ["--longs=Number", "--enums=String", "--defaults", "--oneofs"];

/**
 * Makes the types.
 *
 * @param root the project's folder.
 * @returns the text of each file by its path relative to `GENERATED_FOLDER`.
 */
export async function generateProtocol(root: string): Promise<Map<string, string>> {
  const config: { imports: Record<string, string> } = JSON.parse(
    await readFile(join(root, "deno.json"), "utf-8"),
  );
  const generator = `${config.imports["@grpc/proto-loader"]}/proto-loader-gen-types`;
  const folder = await mkdtemp(join(tmpdir(), "tinct-protocol-"));
  try {
    const protos = join(root, "protos");
    const flags = [...LOADER_FLAGS, "--grpcLib=@grpc/grpc-js", "--importFileExtension=.ts"];
    const folders = ["-I", protos, "-O", folder]; // -I takes all that follows it up to the next flag
    // The packages are there, since this process runs on them: Deno need not look after them.
    const lean = ["-A", "--quiet", "--node-modules-dir=manual"];
    const parameters = ["run", ...lean, generator, ...flags, ...folders, ...ENTRIES];
    await promisify(execFile)(process.execPath, parameters, { cwd: root });
    const types = await readGenerated(folder, protos);
    return new Map([[CONTRACT_FILE, describeContract(protos)], ...types]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The protos as protobufjs describes them in JSON, from which a process has their types soonest. */
function describeContract(protos: string): string {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, path) => isAbsolute(path) ? path : join(protos, path);
  root.loadSync(ENTRIES);
  root.resolveAll();
  return `${JSON.stringify(root.toJSON(), null, 1)}\n`;
}

/**
 * Reads what the generator wrote, under names of our own kind. Files at the top repeat the contents
 * of the protos for a way of loading them that is not ours; they are left out.
 */
async function readGenerated(folder: string, protos: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath === folder) continue;
    const within = entry.parentPath.slice(folder.length + 1).replaceAll("\\", "/");
    const text = await readFile(join(entry.parentPath, entry.name), "utf-8");
    texts.set(`${within}/${snakeCase(entry.name)}`, rewrite(text, protos));
  }
  return new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function rewrite(text: string, protos: string): string {
  const [, path] = /^\/\/ Original file: (.*)$/m.exec(text) ?? [];
  const source = path === undefined || path === "null"
    ? "a proto that proto-loader brings along"
    : path.replace(protos, "protos");
  const body = text
    .replace(/^\/\/ Original file: .*$/gm, "")
    .replace(/(?<=from ')(\.[^']*)(?=')/g, (path) => {
      return `${dirname(path)}/${snakeCase(basename(path))}`;
    })
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n");
  return `// Made from ${source}\n// by \`deno task protos\`. Changes here get lost.\n\n${body.trim()}\n`;
}

/** `TrainingJob.ts` to `training_job.ts`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
}
