import { Buffer } from "node:buffer";
import { JsonFields } from "../files/json_fields.ts";
import type { JsonObject, JsonValue } from "../files/strict_json.ts";
import type { ImportRecord } from "../profiles/imported_folder.ts";
import { profileJson } from "../profiles/read_profile.ts";
import type { ImportedNetwork } from "../protocol/generated/tinct/v1/imported_network.ts";

/** What the store knows of an import, among a version's details. */
export function importDetails(
  { profile, profileName, opset, parameters, files }: ImportRecord,
): JsonObject {
  const [{ name, sha256 }] = files;
  return {
    imported: {
      fileName: name,
      sha256,
      profileName: profileName ?? "",
      profile: profileJson(profile),
      size: profile.size,
      opset,
      parameters,
    },
  };
}

/** The same for clients; null for a version that was not imported. @param details of a version. */
export function importedMessage(
  { imported }: { readonly imported?: JsonValue },
): ImportedNetwork | null {
  if (imported === undefined) return null;
  const fields = new JsonFields(imported, "The store", "imported.");
  return {
    fileName: fields.string("fileName"),
    sha256: Buffer.from(fields.string("sha256"), "hex"),
    profileName: fields.string("profileName"),
    profile: fields.string("profile"),
    size: fields.integer("size"),
    opset: fields.integer("opset"),
    parameters: fields.integer("parameters"),
  };
}
