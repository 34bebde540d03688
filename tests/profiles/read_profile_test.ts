import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { namedProfiles } from "../../src/profiles/color_profile.ts";
import { decodeImport, encodeImport, fileNameMisfit } from "../../src/profiles/imported_folder.ts";
import { profileJson, readProfile } from "../../src/profiles/read_profile.ts";

function refusal(text: string): TinctError {
  try {
    readProfile(text);
  } catch (error) {
    if (error instanceof TinctError) return error;
    throw error;
  }
  return assert.fail(`${text} was taken`);
}

Deno.test("readProfile() reads what profileJson() writes, and what is left out", () => {
  for (const profile of Object.values(namedProfiles)) {
    assert.deepEqual(readProfile(profileJson(profile)), { ...profile });
  }
  const { size: _size, keep: _keep, ...left } = namedProfiles.deoldify;
  const read = readProfile(JSON.stringify(left));
  assert.deepEqual([read.size, read.keep], [undefined, "luma"]);
  const { keep: _kept, ...ab } = namedProfiles.eccv16;
  assert.equal(readProfile(JSON.stringify(ab)).keep, "lightness");
});

Deno.test("readProfile() names every fault, with the field", () => {
  const profile = {
    size: 8,
    input: { photo: "lightness", channels: 3, range: [1, 1], mean: [1], std: [1, 0, 1], more: 1 },
    hints: {},
    output: { colors: "ab", range: [0, "1"], std: [1, 1] },
    keep: "luma",
  };
  const { code, message, violations } = refusal(JSON.stringify(profile));
  assert.equal(code, "invalid_argument");
  assert.match(
    message,
    /^The profile is wrong: size must be a whole number from 16 to 2048, not 8; /,
  );
  assert.deepEqual(violations.map(({ field }) => field).sort(), [
    "profile.hints.range",
    "profile.input.channels",
    "profile.input.mean",
    "profile.input.more",
    "profile.input.range",
    "profile.input.std",
    "profile.keep",
    "profile.output.range",
    "profile.output.std",
    "profile.size",
  ]);
});

Deno.test("readProfile() refuses what is no JSON, nests deep, is long, or says a thing twice", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["{", /it is no JSON: /],
    ["[]", /it must be an object/],
    ['{"size": 64, "size": 32}', /the key "size" occurs twice/],
    [`{"a": ${"[".repeat(50)}${"]".repeat(50)}}`, /it nests deeper than 4/],
    [`{"a": "${"x".repeat(5000)}"}`, /it has 50\d\d characters, and may have 4000/],
    ["{}", /input is missing; .*output is missing/],
  ];
  for (const [text, sentence] of cases) assert.match(refusal(text).message, sentence);
});

Deno.test("the record of an import is read as it was written; damage is told", () => {
  const record = {
    profile: namedProfiles.siggraph17,
    profileName: "siggraph17",
    opset: 17,
    parameters: 1000,
    sizeMultiple: 8,
    files: [{ name: "a b.onnx", sizeBytes: 10, sha256: "00" }],
  } as const;
  assert.deepEqual(
    decodeImport(encodeImport({ ...record, files: [...record.files] }), "/x"),
    record,
  );
  const damaged = [
    "{",
    encodeImport({ ...record, files: [{ name: "../x", sizeBytes: 1, sha256: "" }] }),
    encodeImport({ ...record, files: [...record.files] }).replace('"range"', '"strange"'),
  ];
  for (const text of damaged) {
    assert.throws(
      () => decodeImport(text, "/x"),
      (error: TinctError) =>
        error.code === "data_loss" && error.message.startsWith("/x/import.json"),
    );
  }
});

Deno.test("a file of an import has a plain name", () => {
  for (const name of ["x.onnx", "a b.onnx.data", "ü"]) {
    assert.equal(fileNameMisfit(name), undefined);
  }
  for (const name of ["", ".x", "..", "a/b", "a\\b", "a\nb", "import.json", "x".repeat(201)]) {
    assert.match(
      fileNameMisfit(name) ?? "",
      /^must be the name of a file, without a folder, not "/,
    );
  }
});
