import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openSafetensors } from "../../src/checkpoints/safetensors.ts";
import { JsonFields } from "../../src/files/json_fields.ts";
import { parseStrictJson } from "../../src/files/strict_json.ts";
import { decodeParityConfig, type ParityConfig } from "../../src/training/parity_config.ts";

const folder = fileURLToPath(new URL("../testdata/parity", import.meta.url));

/** The names of the PyTorch runs in the test data. */
export function fixtureNames(): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}

/** What a run was made with. */
export function fixtureConfig(name: string): ParityConfig {
  const path = join(folder, name, "expected.json");
  const fields = new JsonFields(parseStrictJson(readFileSync(path, "utf8"), { maxDepth: 8 }), path);
  return decodeParityConfig(fields.object("config"));
}

/** A float32 tensor of PyTorch, in its layout. */
interface PytorchTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** The tensors of a file of a run by their names. */
export async function fixtureTensors(
  name: string,
  file: string,
): Promise<Map<string, PytorchTensor>> {
  await using opened = await openSafetensors(join(folder, name, file));
  const tensors = new Map<string, PytorchTensor>();
  for (const { name, shape } of opened.tensors) {
    const bytes = await opened.read(name);
    tensors.set(name, { shape, values: new Float32Array(bytes.slice().buffer) });
  }
  return tensors;
}
