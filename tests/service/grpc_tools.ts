import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** What the example needs, and what gRPC brings besides for health and reflection. */
const requirements = ["../../examples/python/requirements.txt", "./requirements.txt"].map(path);

/**
 * Makes a Python with grpcio, its protoc (`-m grpc_tools.protoc`), and its health and reflection.
 *
 * @param folder where its environment goes.
 * @returns the path of the Python.
 * @throws what is missing: Python, its venv, or the packages.
 */
export async function makePython(folder: string): Promise<string> {
  await run("python3", ["-m", "venv", join(folder, "venv")]);
  const python = join(folder, "venv", "bin", "python");
  await run(python, [
    "-m",
    "pip",
    "install",
    "--quiet",
    ...requirements.flatMap((file) => ["-r", file]),
  ]);
  return python;
}
