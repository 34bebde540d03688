import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";
import type { PinnedWheel } from "../../src/tensorflow/fetch_wheels.ts";

/** A folder that is gone when the test is done with it. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tinct-test-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** One member of a wheel. */
export interface Member {
  readonly name: string;
  readonly content: Buffer;
  /** The Unix mode; 0o644 when left out. */
  readonly mode?: number;
}

/** The two libraries for linux-x64, in miniature. */
export const libraries: readonly Member[] = [
  { name: "tensorflow/libtensorflow_cc.so.2", content: Buffer.from("the C API ".repeat(500)) },
  { name: "tensorflow/libtensorflow_framework.so.2", content: Buffer.from("the framework") },
];

/** The lines of a wheel's RECORD. */
export function recordOf(members: readonly Member[]): Member {
  const lines = members.map(({ name, content }) =>
    `${name},sha256=${createHash("sha256").update(content).digest("base64url")},${content.length}`
  );
  return {
    name: "tensorflow_cpu-2.21.0.dist-info/RECORD",
    content: Buffer.from([...lines, "tensorflow_cpu-2.21.0.dist-info/RECORD,,", ""].join("\n")),
  };
}

/** A wheel as bytes: what the members say, their RECORD, and a file that nobody wants. */
export function wheelBytes(
  members: readonly Member[] = libraries,
  record = recordOf(members),
): Buffer {
  return zipBytes([
    { name: "tensorflow/__init__.py", content: Buffer.from("pass\n") },
    ...members,
    record,
  ]);
}

/** A pin that a wheel fits. */
export function pinOf(bytes: Buffer, unpackedBytes = 5013): PinnedWheel {
  return {
    file: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    unpackedBytes,
  };
}

/** A zip of deflated members: PKWARE's APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16. */
export function zipBytes(members: readonly Member[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, mode = 0o644 } of members) {
    const nameBytes = Buffer.from(name);
    const data = deflateRawSync(content);
    const common = Buffer.alloc(26); // from "version needed" to the length of the extra field
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x0800, 2); // names are UTF-8
    common.writeUInt16LE(8, 4); // deflated
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(content.length, 18);
    common.writeUInt16LE(nameBytes.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), common, nameBytes, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((0o100000 | mode) << 16) >>> 0, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([
        Buffer.from("PK\x01\x02\x14\x03", "latin1"), // made by Unix
        common,
        tail,
        nameBytes,
      ]),
    );
    locals.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, central, end]);
}

/**
 * Writes a program that answers like `python3 -m pip`.
 *
 * @param onDownload what `pip download` does, as lines of a shell script; `$DEST` is where the wheel
 *   belongs.
 * @returns the program's path.
 */
export async function fakePython(
  folder: string,
  onDownload: string,
  { name = "python3", version = "pip 24.0 from somewhere (python 3.11)" } = {},
): Promise<string> {
  const path = join(folder, name);
  await writeFile(
    path,
    `#!/bin/sh
for argument; do
  case "$argument" in
    --version) echo "${version}"; exit 0;;
    --dest=*) DEST="\${argument#--dest=}";;
  esac
done
${onDownload}
`,
  );
  await chmod(path, 0o755);
  return path;
}
