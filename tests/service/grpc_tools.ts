import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pythonWith } from "../kept_tools.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** What the example needs, and what gRPC brings besides for health and reflection. */
const requirements = ["../../examples/python/requirements.txt", "./requirements.txt"].map(path);

/**
 * A Python with grpcio, its protoc (`-m grpc_tools.protoc`), and its health and reflection.
 *
 * @returns the path of the Python.
 * @throws what is missing: Python, its venv, or the packages.
 */
export async function grpcPython(): Promise<string> {
  return join(await pythonWith(requirements), "python");
}
