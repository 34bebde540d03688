import { join } from "node:path";
import { TinctError } from "../errors.ts";
import { JsonFields } from "../files/json_fields.ts";
import { parseStrictJson } from "../files/strict_json.ts";
import { type ColorProfile, isProfileName, type ProfileName } from "./color_profile.ts";
import { profileJson, readWholeProfile } from "./read_profile.ts";

/** The file of an imported model's folder that says what the others are. */
export const IMPORT_FILE = "import.json";

/** A file of an imported model. */
export interface ImportedFile {
  /** A plain name, see `fileNameMisfit`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

/** What an examination finds out about a network. */
export interface NetworkFacts {
  readonly profile: ColorProfile;
  /** Which of the named profiles it is; undefined for one's own. */
  readonly profileName: ProfileName | undefined;
  /** The version of ONNX's operations that it was written for. */
  readonly opset: number;
  /** Numbers that it computes with, what could be computed beforehand computed. */
  readonly parameters: number;
  /** What sides of squares must be multiples of; 0 where the file says one side. */
  readonly sizeMultiple: number;
}

/** What is known of an imported model. */
export interface ImportRecord extends NetworkFacts {
  /** The network first, then files of its constants. */
  readonly files: readonly [ImportedFile, ...ImportedFile[]];
}

/** The most files of an import: a network, and files of its constants. */
export const MAX_IMPORT_FILES = 64;

/** Why a text is no name of a file of an import, as the end of a sentence; undefined where it is one. */
export function fileNameMisfit(name: string): string | undefined {
  // deno-lint-ignore no-control-regex
  const isPlain = /^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,199}$/.test(name);
  if (isPlain && name !== IMPORT_FILE) return undefined;
  return `must be the name of a file, without a folder, not ${JSON.stringify(name.slice(0, 80))}`;
}

/** The text of `IMPORT_FILE`. */
export function encodeImport({ files, profile, profileName, ...facts }: ImportRecord): string {
  const record = {
    format: 1,
    profileName: profileName ?? "",
    profile: JSON.parse(profileJson(profile)),
    ...facts,
    files,
  };
  return JSON.stringify(record, undefined, 2) + "\n";
}

/**
 * Reads `IMPORT_FILE`.
 *
 * @param folder names it in errors.
 * @throws {TinctError} data_loss where it is damaged.
 */
export function decodeImport(text: string, folder: string): ImportRecord {
  const path = join(folder, IMPORT_FILE);
  const damaged = (why: string, cause?: unknown) =>
    new TinctError("data_loss", `${path} is damaged: ${why}.`, { cause });
  try {
    const fields = new JsonFields(parseStrictJson(text, { maxDepth: 5 }), path);
    const profile = readWholeProfile(JSON.stringify(fields.object("profile").value));
    const [network, ...others] = fields.objects("files").map((file) => ({
      name: file.string("name"),
      sizeBytes: file.integer("sizeBytes"),
      sha256: file.string("sha256"),
    }));
    if (network === undefined || [network, ...others].some(({ name }) => fileNameMisfit(name))) {
      throw damaged("it names no files");
    }
    return {
      profile,
      profileName: nameOf(fields.string("profileName")),
      opset: fields.integer("opset"),
      parameters: fields.integer("parameters"),
      sizeMultiple: fields.integer("sizeMultiple"),
      files: [network, ...others],
    };
  } catch (error) {
    if (error instanceof SyntaxError) throw damaged(error.message, error);
    if (error instanceof TinctError && error.code === "invalid_argument") {
      throw damaged(error.message.replace(/\.$/, ""), error);
    }
    throw error;
  }
}

function nameOf(text: string): ProfileName | undefined {
  return isProfileName(text) ? text : undefined;
}
