import assert from "assert";
import { TinctError } from "../../src/errors.ts";
import { PhotoError } from "../../src/images/photo_error.ts";
import { shown, shownJson } from "../../src/shown.ts";

const nasty = "a\x1b[2J\nb\r\t\x7f\x9b\u202e\u2028é写";

Deno.test("shown() escapes what drives a terminal, ends a line or turns text around, once", () => {
  const safe = "a\\x1b[2J\\nb\\r\\t\\x7f\\x9b\\u202e\\u2028é写";
  assert.equal(shown(nasty), safe);
  assert.equal(shown(safe), safe);
});

Deno.test("errors show names in no other way", () => {
  for (
    const error of [
      new TinctError("not_found", nasty),
      new PhotoError("not_found", nasty, "is bad"),
    ]
  ) {
    assert.doesNotMatch(error.message, /[\p{Cc}\u202e\u2028]/u);
  }
});

Deno.test("shownJson() means the same as it did", () => {
  const json = shownJson({ name: nasty }, 2);
  assert.deepEqual(JSON.parse(json), { name: nasty });
  assert.doesNotMatch(json.replaceAll("\n", ""), /[\p{Cc}\u202e\u2028]/u);
});
