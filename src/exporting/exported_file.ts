/** A file of an export, whose bytes are made while they are taken. */
export interface ExportedFile {
  /** In the model's folder, with "/" between folders: "1/model.onnx". */
  readonly path: string;
  readonly sizeBytes: number;
  /** All of its bytes, from the first on; a piece may be changed once the next one is asked for. */
  pieces(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A file of text. */
export function textFile(path: string, text: string): ExportedFile {
  const bytes = new TextEncoder().encode(text);
  return {
    path,
    sizeBytes: bytes.length,
    async *pieces() {
      yield await Promise.resolve(bytes);
    },
  };
}
