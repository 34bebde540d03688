import assert from "assert";
import { type ClientsPhoto, nextInTurn, toGiveWay } from "../../src/colorizing/fair_turns.ts";

const places = { photos: 8, bytes: 3200 };

/** Photos of clients: "a100" is one of client a, of 100 bytes. */
const photos = (...names: string[]): ClientsPhoto[] =>
  names.map((name) => ({ client: name[0], photo: new Uint8Array(Number(name.slice(1))) }));
const nameOf = (photo: ClientsPhoto | undefined) =>
  photo && `${photo.client}${photo.photo.byteLength}`;
const next = (waiting: string[], inWork: string[]) =>
  nameOf(nextInTurn(photos(...waiting), photos(...inWork), places));

Deno.test("the client with the fewest photos in work is next, with its first", () => {
  assert.equal(next(["a1", "a2"], []), "a1");
  assert.equal(next(["a1", "b1", "b2"], ["a3"]), "b1");
  assert.equal(next(["a1", "b1"], ["a3", "b3"]), "a1");
  assert.equal(next([], ["a3"]), undefined);
});

Deno.test("one client has three quarters of a worker's places at most", () => {
  const six = ["a1", "a1", "a1", "a1", "a1", "a1"];
  assert.equal(next(["a1"], six.slice(1)), "a1");
  assert.equal(next(["a1"], six), undefined);
  assert.equal(next(["a1", "b1"], six), "b1");
  assert.equal(next(["b1"], [...six, "b2", "b2"]), undefined, "all are taken");
});

Deno.test("files of a worker's photos have a limit, under which a client's first small one always is", () => {
  assert.equal(next(["a5000"], []), "a5000", "a larger one is alone");
  assert.equal(next(["a5000"], ["b1"]), undefined);
  assert.equal(next(["a2000"], ["a1000"]), undefined, "three quarters for one client");
  assert.equal(next(["b800"], ["a2400"]), "b800");
  assert.equal(next(["b900"], ["a2400"]), undefined);
  assert.equal(next(["b900", "c100"], ["a5000"]), "c100");
  assert.equal(next(["c100"], ["a5000", "c100"]), undefined);
});

Deno.test("in a full queue the client with the most gives way, with its last", () => {
  const giveWay = (waiting: string[], inWork: string[], newcomer: string) => {
    const waits = photos(...waiting);
    const [photo] = photos(newcomer);
    return nameOf(toGiveWay(waits, [...waits, ...photos(...inWork)], photo!));
  };
  assert.equal(giveWay(["a1", "a2", "b3"], ["a4"], "b5"), "a2");
  assert.equal(giveWay(["a1", "a2", "a3"], [], "a4"), undefined, "it is its own fullness");
  assert.equal(giveWay(["a1", "b2"], [], "c3"), undefined, "they have no more than it would");
  assert.equal(giveWay(["a1000", "b1"], [], "b1"), "a1000", "one large file is more, too");
});
