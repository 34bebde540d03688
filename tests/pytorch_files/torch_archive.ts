import { type Zippable, zipSync } from "fflate";

/** A fixture of tests/testdata/pth, which make_pth.py made. */
export function pthPath(name: string): string {
  return new URL(`../testdata/pth/${name}`, import.meta.url).pathname;
}

const text = new TextEncoder();

/** Opcodes one after another; a text stands for its bytes. */
export function bytesOf(...parts: readonly (string | number | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      typeof part === "number" ? [part] : [...(typeof part === "string" ? text.encode(part) : part)]
    ),
  );
}

/** BINUNICODE. */
export function unicode(value: string): Uint8Array {
  const bytes = text.encode(value);
  return bytesOf("X", uint32(bytes.length), bytes);
}

/** BININT. */
function int(value: number): Uint8Array {
  return bytesOf("J", uint32(value));
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** A tuple of what is pushed. */
export function tuple(...items: readonly Uint8Array[]): Uint8Array {
  return bytesOf("(", ...items, "t");
}

/** A tensor as PyTorch pickles it. */
export function tensor(
  { key = "0", type = "FloatStorage", count, offset = 0, shape, strides }: {
    readonly key?: string;
    readonly type?: string;
    readonly count: number;
    readonly offset?: number;
    readonly shape: readonly number[];
    readonly strides: readonly number[];
  },
): Uint8Array {
  const id = tuple(
    unicode("storage"),
    bytesOf(`ctorch\n${type}\n`),
    unicode(key),
    unicode("cpu"),
    int(count),
  );
  const hooks = bytesOf("ccollections\nOrderedDict\n", ")R");
  return bytesOf(
    "ctorch._utils\n_rebuild_tensor_v2\n",
    tuple(
      bytesOf(id, "Q"),
      int(offset),
      tuple(...shape.map(int)),
      tuple(...strides.map(int)),
      bytesOf(0x89),
      hooks,
    ),
    "R",
  );
}

/** A dictionary of texts to what is pushed. */
export function dict(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
  const items = Object.entries(entries).flatMap(([key, value]) => [unicode(key), value]);
  return bytesOf("}(", ...items, "u");
}

/** A whole pickle. */
export function pickle(value: Uint8Array): Uint8Array {
  return bytesOf(0x80, 2, value, ".");
}

/** A zip archive as `torch.save` writes it, with these storages, which may be compressed. */
export function torchArchive(
  value: Uint8Array,
  storages: Readonly<Record<string, Uint8Array>> = {},
  { level = 0 }: { readonly level?: 0 | 9 } = {},
): Uint8Array {
  const files: Zippable = { "archive/data.pkl": [pickle(value), { level: 0 }] };
  for (const [key, bytes] of Object.entries(storages)) {
    files[`archive/data/${key}`] = [bytes, { level }];
  }
  return zipSync(files);
}
