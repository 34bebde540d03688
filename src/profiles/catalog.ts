import { TinctError } from "../errors.ts";
import { isJsonObject, type JsonValue, parseStrictJson } from "../files/strict_json.ts";
import { isProfileName } from "./color_profile.ts";
import { readProfile } from "./read_profile.ts";

/** A published network that people fetch themselves. */
export interface CatalogEntry {
  /** For people, such as "DDColor-T, float32, 512". */
  readonly name: string;
  /** Of the .onnx file, 64 hexadecimal digits in small letters. */
  readonly sha256: string;
  readonly sizeBytes: number;
  /** Of the weights, by its SPDX name where it has one. */
  readonly license: string;
  /** The name of a profile, or its JSON. */
  readonly profile: string;
}

/** The largest catalog that is read, in bytes. */
export const MAX_CATALOG_BYTES = 4_000_000;

/**
 * Reads a catalog of its JSON (docs/models.md).
 *
 * @param path names it in errors.
 * @throws {TinctError} invalid_argument, which names the first entry that is wrong, and how.
 */
export function readCatalog(text: string, path: string): CatalogEntry[] {
  const refuse = (what: string): never => {
    throw new TinctError("invalid_argument", `${path} is no catalog: ${what}.`);
  };
  let value: JsonValue;
  try {
    value = parseStrictJson(text, { maxDepth: 7 });
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(`it is no JSON, ${error.message}`);
    throw error;
  }
  const networks = isJsonObject(value) ? value["networks"] : undefined;
  if (!Array.isArray(networks)) return refuse("it has no list of networks");
  const entries = networks.map((entry, index) => readEntry(entry, `networks[${index}]`, refuse));
  const twice = entries.find(({ sha256 }, index) =>
    entries.findIndex((each) => each.sha256 === sha256) !== index
  );
  return twice ? refuse(`two networks have the SHA-256 ${twice.sha256}`) : entries;
}

function readEntry(
  entry: JsonValue,
  at: string,
  refuse: (what: string) => never,
): CatalogEntry {
  if (!isJsonObject(entry)) return refuse(`${at} is no object`);
  const text = (name: string): string => {
    const value = entry[name];
    return typeof value === "string" && value !== ""
      ? value
      : refuse(`${at}.${name} must be a text`);
  };
  const sha256 = text("sha256");
  if (!/^[0-9a-f]{64}$/.test(sha256)) {
    refuse(`${at}.sha256 must be 64 hexadecimal digits in small letters, not ${sha256}`);
  }
  const { sizeBytes, profile } = entry;
  if (typeof sizeBytes !== "number" || !Number.isSafeInteger(sizeBytes) || sizeBytes < 1) {
    return refuse(`${at}.sizeBytes must be a number of bytes`);
  }
  const known = ["name", "sha256", "sizeBytes", "license", "profile", "source"];
  const other = Object.keys(entry).find((key) => !known.includes(key));
  if (other !== undefined) refuse(`${at}.${other} is not known; there are ${known.join(", ")}`);
  return {
    name: text("name"),
    sha256,
    sizeBytes,
    license: text("license"),
    profile: profileOf(profile, (what) => refuse(`${at}.profile ${what}`)),
  };
}

function profileOf(profile: JsonValue | undefined, refuse: (what: string) => never): string {
  if (typeof profile === "string" && isProfileName(profile)) return profile;
  if (!isJsonObject(profile)) return refuse("must be the name of a profile, or one");
  const json = JSON.stringify(profile);
  try {
    readProfile(json);
  } catch (error) {
    if (!(error instanceof TinctError)) throw error;
    return refuse(error.message.replace(/^The profile /, "").replace(/\.$/, ""));
  }
  return json;
}
