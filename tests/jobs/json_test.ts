import assert from "assert";
import { encodeJson, requestHash } from "../../src/jobs/json.ts";

Deno.test("encodeJson() refuses what JSON would turn into null", () => {
  for (const number of [NaN, Infinity, -Infinity]) {
    assert.throws(() => encodeJson({ loss_D: number }), { name: "TypeError", message: /loss_D/ });
    assert.throws(() => encodeJson([1, [number]]), TypeError);
  }
  assert.equal(encodeJson({ a: [1e-8, null], b: undefined }), '{"a":[1e-8,null]}');
});

Deno.test("requestHash() is the same for the same request in another order", () => {
  const hash = requestHash({ a: 1, b: { c: [1, 2], d: null } });
  assert.match(hash, /^[0-9a-f]{64}$/);
  assert.equal(requestHash({ b: { d: null, c: [1, 2] }, a: 1, e: undefined }), hash);
});

Deno.test("requestHash() differs for requests that differ in anything", () => {
  const requests = [
    { a: 1 },
    { a: "1" },
    { a: [1] },
    { a: null },
    {},
    { b: 1 },
    { a: { b: 1 } },
    { a: [1, 2] },
    { a: [2, 1] },
    { "__proto__x": 1 },
    JSON.parse('{"__proto__":1}'),
  ];
  assert.equal(new Set(requests.map(requestHash)).size, requests.length);
});
