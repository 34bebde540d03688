import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const requirements = fileURLToPath(
  new URL("../../examples/python/requirements.txt", import.meta.url),
);

/**
 * Makes a Python with grpcio and its protoc (`-m grpc_tools.protoc`).
 *
 * @param folder where its environment goes.
 * @returns the path of the Python.
 * @throws what is missing: Python, its venv, or the packages.
 */
export async function makePython(folder: string): Promise<string> {
  await run("python3", ["-m", "venv", join(folder, "venv")]);
  const python = join(folder, "venv", "bin", "python");
  await run(python, ["-m", "pip", "install", "--quiet", "-r", requirements]);
  return python;
}
