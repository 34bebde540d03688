import assert from "assert";
import { readFile } from "node:fs/promises";
import type { TinctError } from "../../src/errors.ts";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import { readCatalog } from "../../src/profiles/catalog.ts";
import { readProfile } from "../../src/profiles/read_profile.ts";

const entry = {
  name: "DDColor-T",
  sha256: "0123456789abcdef".repeat(4),
  sizeBytes: 270_300_000,
  license: "Apache-2.0",
  profile: "ddcolor",
};
const catalog = (...networks: unknown[]) => JSON.stringify({ networks });

Deno.test("readCatalog() reads names and profiles", () => {
  assert.deepEqual(readCatalog(catalog(entry), "x"), [entry]);
  const [own] = readCatalog(
    catalog({ ...entry, source: "a hub", profile: namedProfiles.deoldify }),
    "x",
  );
  assert.deepEqual(readProfile(own!.profile), { ...namedProfiles.deoldify });
});

Deno.test("the program's catalog can be read", async () => {
  const path = new URL("../../models/catalog.json", import.meta.url);
  assert.ok(Array.isArray(readCatalog(await readFile(path, "utf8"), "catalog.json")));
});

Deno.test("readCatalog() says what is wrong with which entry", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{", /^x is no catalog: it is no JSON, /],
    ["[]", /: it has no list of networks\.$/],
    [catalog(1), /: networks\[0\] is no object\.$/],
    [catalog(entry, { ...entry, name: "" }), /: networks\[1\]\.name must be a text\.$/],
    [
      catalog({ ...entry, sha256: "AB" }),
      /\.sha256 must be 64 hexadecimal digits in small letters, not AB\.$/,
    ],
    [catalog({ ...entry, sizeBytes: "1" }), /\.sizeBytes must be a number of bytes\.$/],
    [catalog({ ...entry, licence: "x" }), /\.licence is not known; there are name, /],
    [catalog({ ...entry, profile: "x" }), /\.profile must be the name of a profile, or one\.$/],
    [catalog({ ...entry, profile: {} }), /\.profile is wrong: input is missing; /],
    [catalog(entry, entry), /: two networks have the SHA-256 0123/],
  ];
  for (const [text, sentence] of cases) {
    assert.throws(() => readCatalog(text, "x"), (error: TinctError) => {
      assert.match(error.message, sentence);
      return error.code === "invalid_argument";
    });
  }
});
