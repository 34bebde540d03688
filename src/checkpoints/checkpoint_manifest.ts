import { createHash } from "node:crypto";
import { messageOf, TinctError } from "../errors.ts";
import { JsonFields } from "../files/json_fields.ts";
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  parseStrictJson,
} from "../files/strict_json.ts";

/** The name of the file that makes a folder a checkpoint. */
export const MANIFEST_NAME = "checkpoint.json";

/** The longest checkpoint.json that is read, 16 MiB. */
export const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** The format of checkpoint.json that is written, and the only one that is read. */
const FORMAT_VERSION = 1;

/** Which end of a metric's scale is better. */
export type MetricDirection = "lower" | "higher";

/** The number by which checkpoints of a run are compared. */
export interface CheckpointMetric {
  /** What was measured, such as `val_L1`. */
  readonly name: string;
  readonly value: number;
  readonly direction: MetricDirection;
}

/** A tensor file of a checkpoint. */
export interface CheckpointFile {
  /** A plain name ending in `.safetensors`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Of the whole file, 64 hexadecimal digits, as sha256sum prints it. */
  readonly sha256: string;
}

/** What checkpoint.json holds. */
export interface CheckpointManifest {
  /** The version of the program that wrote it. */
  readonly programVersion: string;
  /** How many-th save of its run this is, from 1: the order of checkpoints whatever the clock says. */
  readonly sequence: number;
  /** Training steps done. */
  readonly step: number;
  readonly metric: CheckpointMetric | undefined;
  readonly files: readonly CheckpointFile[];
  /** What the training needs to go on: configuration, data cursor, seed, …; decoded by its owner. */
  readonly state: JsonObject;
}

const FILE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.safetensors$/;
const SHA256 = /^[0-9a-f]{64}$/;

/** Whether a text can be the name of a tensor file: a plain one, ending in `.safetensors`. */
export function isTensorFileName(name: string): boolean {
  return FILE_NAME.test(name);
}

/**
 * The text of checkpoint.json. Its last field is the SHA-256 of all the others as compact JSON, in
 * every format version.
 */
export function encodeManifest(manifest: CheckpointManifest): string {
  const { programVersion, sequence, step, metric, files, state } = manifest;
  const body = {
    formatVersion: FORMAT_VERSION,
    programVersion,
    sequence,
    step,
    ...(metric && { metric }),
    files,
    state,
  };
  // No newline at the end: so each byte counts, and a file that lacks one is found to be cut short.
  return JSON.stringify({ ...body, sha256: sha256Of(body) }, null, 2);
}

/**
 * Reads checkpoint.json.
 *
 * @param bytes the file's content.
 * @param path names the file in errors.
 * @throws {TinctError} data_loss when it is cut short, no JSON, changed since it was written, or a
 *   field is not what it should be; failed_precondition when it is of another format version.
 */
export function decodeManifest(bytes: Uint8Array, path: string): CheckpointManifest {
  const json = parse(bytes, path);
  const fields = new JsonFields(json, path);
  const { sha256, ...body } = fields.value;
  if (sha256 !== sha256Of(body)) {
    throw new TinctError(
      "data_loss",
      `${path} does not match its own checksum: it was changed after it was written.`,
    );
  }
  const formatVersion = fields.integer("formatVersion", 1);
  if (formatVersion !== FORMAT_VERSION) {
    throw new TinctError(
      "failed_precondition",
      `${path} is of format version ${formatVersion}, and this program reads version ` +
        `${FORMAT_VERSION}; use the version of Tinct that wrote it.`,
    );
  }
  return {
    programVersion: fields.string("programVersion"),
    sequence: fields.integer("sequence", 1),
    step: fields.integer("step"),
    metric: fields.has("metric") ? decodeMetric(fields.object("metric")) : undefined,
    files: decodeFiles(fields, path),
    state: fields.object("state").value,
  };
}

function parse(bytes: Uint8Array, path: string): JsonValue {
  if (bytes.length === 0) throw new TinctError("data_loss", `${path} is empty.`);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    const json = parseStrictJson(text, { maxDepth: 64 });
    if (!isJsonObject(json)) throw new SyntaxError("it is no object");
    return json;
  } catch (error) {
    const fault = messageOf(error);
    throw new TinctError("data_loss", `${path} is cut short or not JSON: ${fault}.`, {
      cause: error,
    });
  }
}

function decodeMetric(fields: JsonFields): CheckpointMetric {
  return {
    name: fields.string("name"),
    value: fields.number("value"),
    direction: fields.oneOf("direction", ["lower", "higher"]),
  };
}

function decodeFiles(fields: JsonFields, path: string): CheckpointFile[] {
  const files = fields.objects("files").map((file) => ({
    name: file.string("name"),
    sizeBytes: file.integer("sizeBytes"),
    sha256: file.string("sha256"),
  }));
  for (const { name, sha256 } of files) {
    if (!isTensorFileName(name)) {
      throw new TinctError(
        "data_loss",
        `${path} names the file ${
          JSON.stringify(name).slice(0, 100)
        }, which cannot be one of its own.`,
      );
    }
    if (!SHA256.test(sha256)) {
      throw new TinctError("data_loss", `${path} has no SHA-256 of ${name}.`);
    }
  }
  if (new Set(files.map(({ name }) => name)).size !== files.length) {
    throw new TinctError("data_loss", `${path} names a file twice.`);
  }
  return files;
}

function sha256Of(body: object): string {
  return createHash("sha256").update(JSON.stringify(body)).digest("hex");
}
