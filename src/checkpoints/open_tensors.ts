import { OpenFile } from "../files/open_file.ts";
import { readTorchFile, torchFormatOf } from "../pytorch_files/torch_file.ts";
import { PytorchFile } from "./pytorch_file.ts";
import { readSafetensors } from "./safetensors.ts";
import type { TensorFile } from "./tensor_file.ts";

/** The endings of the files that are opened here. */
export const tensorFileEndings: readonly string[] = [".safetensors", ".pth", ".pt"];

/**
 * Opens a file of another program's weights: safetensors, or what PyTorch's `torch.save` wrote, today's
 * format and that of before 1.6. Its first bytes tell which it is, whatever it is called. Only what the
 * tensors are is read, and nothing that a file says is run.
 *
 * @returns the open file; the caller disposes of it.
 * @throws {TinctError} not_found, permission_denied; data_loss naming what is wrong in the file;
 *   failed_precondition where it asks for more than weights.
 */
export async function openTensors(
  path: string,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<TensorFile> {
  const file = await OpenFile.open(path);
  try {
    const start = new Uint8Array(Math.min(16, file.sizeBytes));
    await file.read(start, 0);
    const format = torchFormatOf(start);
    if (format === undefined) return await readSafetensors(file);
    return new PytorchFile(file, await readTorchFile(file, format, signal));
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}
