import assert from "assert";
import { parseAccessFile } from "../../src/access/access_file.ts";
import { failsWith } from "../checkpoints/small_run.ts";

const token = { name: "ann", sha256: "0".repeat(64), scopes: ["read"] };
const certificate = { name: "bob", commonName: "bob.example", scopes: ["train"] };

Deno.test("an access file is refused for whatever key it has besides its own", () => {
  const parse = (file: unknown) => parseAccessFile(JSON.stringify(file), "access.json");
  assert.equal(parse({ tokens: [token], certificates: [certificate] }).tokens.length, 1);
  const refused: [unknown, RegExp][] = [
    [{ token: [token] }, /access\.json: token is not a field; there are tokens, certificates/],
    [
      { tokens: [{ ...token, scope: "read", note: "" }] },
      /tokens\[0\]\.scope, tokens\[0\]\.note are not fields; there are name, sha256, scopes/,
    ],
    [
      { certificates: [{ ...certificate, expires: 3 }] },
      /certificates\[0\]\.expires is not a field/,
    ],
  ];
  for (const [file, pattern] of refused) {
    assert.throws(() => parse(file), failsWith("invalid_argument", pattern));
  }
  assert.throws(
    () => parseAccessFile('{"tokens": [], "tokens": []}', "access.json"),
    failsWith("invalid_argument", /the key "tokens" occurs twice/),
  );
});
