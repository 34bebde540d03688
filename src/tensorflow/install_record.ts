import { readFileSync } from "node:fs";
import { join } from "node:path";
import { messageOf, TinctError } from "../errors.ts";

/** "cpu" runs everywhere; "gpu" is the CUDA build, which also runs without a GPU. */
export type Variant = "cpu" | "gpu";

/** The systems that TensorFlow is published for. */
export type Platform = "linux-x64" | "linux-arm64" | "macos-arm64";

/** One file, as it was checked. */
export interface CheckedFile {
  /** Relative to the installation, with "/" between the parts. */
  readonly path: string;
  readonly sizeBytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** What an installation in the cache folder says about itself, in `install.json`. */
export interface InstallRecord {
  readonly formatVersion: 1;
  /** TensorFlow's version, such as "2.21.0". */
  readonly version: string;
  readonly variant: Variant;
  readonly platform: Platform;
  /** The wheels that it was unpacked from; `path` is the wheel's file name. */
  readonly wheels: readonly CheckedFile[];
  readonly files: readonly CheckedFile[];
}

/** The name of the record inside an installation. */
export const RECORD_NAME = "install.json";

/**
 * Reads the record of an installation.
 *
 * @returns undefined where there is none.
 * @throws {TinctError} `data_loss` when it cannot be read or is not a record.
 */
export function readInstallRecord(folder: string): InstallRecord | undefined {
  const path = join(folder, RECORD_NAME);
  try {
    const record: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (!isInstallRecord(record)) throw new SyntaxError("it is not a record of format 1");
    return record;
  } catch (cause) {
    if (errorName(cause) === "ENOENT" || errorName(cause) === "ENOTDIR") return undefined;
    throw new TinctError("data_loss", `${path} cannot be read: ${messageOf(cause)}.`, { cause });
  }
}

/** The name of a system error such as ENOENT; "" for anything else. */
export function errorName(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "";
}

function isInstallRecord(value: unknown): value is InstallRecord {
  return isObject(value) && value["formatVersion"] === 1 &&
    typeof value["version"] === "string" && typeof value["platform"] === "string" &&
    (value["variant"] === "cpu" || value["variant"] === "gpu") &&
    isFileList(value["wheels"]) && isFileList(value["files"]);
}

function isFileList(value: unknown): value is CheckedFile[] {
  return Array.isArray(value) &&
    value.every((file) =>
      isObject(file) && typeof file["path"] === "string" &&
      typeof file["sizeBytes"] === "number" && typeof file["sha256"] === "string"
    );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
