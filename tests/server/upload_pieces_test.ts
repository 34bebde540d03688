import assert from "assert";
import { readdir, readFile } from "node:fs/promises";
import type { UploadPiecesRequest } from "../../src/protocol/generated/tinct/v1/upload_pieces_request.ts";
import type { UploadPiecesResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_pieces_response.ts";
import { answer, ending, Scene } from "../service/scene.ts";

/** A call of UploadPieces to the dataset "flowers". */
function pieces(scene: Scene, request: UploadPiecesRequest) {
  return ending<UploadPiecesResponse__Output>((back) =>
    scene.datasets.uploadPieces({ dataset: "flowers", ...request }, back)
  );
}

/** The same, which is expected to succeed. */
async function taken(scene: Scene, request: UploadPiecesRequest) {
  const result = await pieces(scene, request);
  assert.ok("ok" in result, JSON.stringify(result));
  return result.ok;
}

const small = (fileName: string) => ({ fileName, data: Buffer.from("small"), last: true });

Deno.test("photos come in calls of one request each, and files go on from call to call", async () => {
  await using scene = await Scene.open();
  // The first piece takes most of its message: whatever is done with it must leave the others alone.
  const large = Buffer.alloc(900_000, 1);
  const first = await taken(scene, {
    pieces: [small("a.jpg"), { fileName: "b.png", data: large, last: false }],
  });
  assert.deepEqual([first.filesReceived, first.fileName, first.receivedBytes], [
    1,
    "b.png",
    900_000,
  ]);
  assert.equal(first.dataset?.state, "DATASET_STATE_UPLOADING");
  const lost = await taken(scene, {});
  assert.deepEqual([lost.fileName, lost.receivedBytes], ["b.png", 900_000]);
  const second = await taken(scene, {
    pieces: [{ data: large, last: true }, small("c.jpg"), small("d/e.jpg")],
    offset: 900_000,
  });
  assert.deepEqual([second.filesReceived, second.fileName, second.dataset?.photos], [3, "", 4]);
  const done = await taken(scene, { finish: true });
  assert.equal(done.dataset?.state, "DATASET_STATE_READY");
  assert.ok(done.report);
  assert.equal((await readFile(scene.join("datasets", "flowers", "b.png"))).length, 1_800_000);
  assert.equal(await readFile(scene.join("datasets", "flowers", "c.jpg"), "utf8"), "small");
  assert.deepEqual((await readdir(scene.join("datasets", "flowers"))).sort(), [
    "a.jpg",
    "b.png",
    "c.jpg",
    "d",
  ]);
});

Deno.test("what is wrong with a piece is told by the names of this call's fields", async () => {
  await using scene = await Scene.open();
  const named = await taken(scene, { pieces: [small("a.jpg"), small("../b.jpg")] });
  const faults = named.refused.map(({ fault }) => fault?.violations.map(({ field }) => field));
  assert.deepEqual(faults, [["pieces[1].file_name"]]);
  const half = { fileName: "c.jpg", data: Buffer.from("1"), last: false };
  const fieldsOf = async (request: UploadPiecesRequest) => {
    const result = await pieces(scene, request);
    assert.ok("error" in result, JSON.stringify(result));
    assert.equal(result.error.code, "INVALID_ARGUMENT");
    return result.error.fields;
  };
  assert.deepEqual(await fieldsOf({ pieces: [half, small("d.jpg")] }), ["pieces[1].file_name"]);
  assert.deepEqual(
    await fieldsOf({ pieces: [small("e.jpg"), { data: Buffer.from("1"), last: true }] }),
    ["pieces[1].file_name"],
  );
  assert.deepEqual(await fieldsOf({ pieces: [half], finish: true }), ["finish"]);
});

Deno.test("pieces that do not go on where the file ends are refused, and the file stays", async () => {
  await using scene = await Scene.open();
  const nothing = await pieces(scene, { pieces: [{ data: Buffer.from("more") }] });
  assert.ok("error" in nothing && nothing.error.code === "INVALID_ARGUMENT");
  await taken(scene, { pieces: [{ fileName: "a.jpg", data: Buffer.from("1234"), last: false }] });
  const wrong = await pieces(scene, {
    pieces: [{ data: Buffer.from("5"), last: true }],
    offset: 3,
  });
  assert.ok("error" in wrong, JSON.stringify(wrong));
  assert.equal(wrong.error.code, "FAILED_PRECONDITION");
  assert.match(wrong.error.message, /"a\.jpg" goes on at 4 bytes, not at 3/);
  const asked = await taken(scene, {});
  assert.deepEqual([asked.fileName, asked.receivedBytes], ["a.jpg", 4]);
  await taken(scene, { pieces: [{ data: Buffer.from("5"), last: true }], offset: 4 });
  assert.equal(await readFile(scene.join("datasets", "flowers", "a.jpg"), "utf8"), "12345");
});

Deno.test("a file may begin anew, and a deleted dataset keeps nothing of one that was on its way", async () => {
  await using scene = await Scene.open();
  const part = { fileName: "a.jpg", data: Buffer.from("half"), last: false };
  await taken(scene, { pieces: [part] });
  const anew = await taken(scene, { pieces: [small("a.jpg"), part] });
  assert.deepEqual([anew.filesReceived, anew.receivedBytes], [1, 4]);
  await answer((back) => scene.datasets.deleteDataset({ dataset: "flowers" }, back));
  const after = await taken(scene, {});
  assert.deepEqual([after.fileName, after.dataset?.photos], ["", 0]);
});

Deno.test("a refused file is told once, and the others arrive", async () => {
  await using scene = await Scene.open();
  const answered = await taken(scene, {
    pieces: [{ ...small("../a.jpg") }, small("b.jpg"), { ...small("c.jpg"), sizeBytes: 7 }],
  });
  assert.deepEqual(answered.refused.map(({ fileName }) => fileName), ["../a.jpg", "c.jpg"]);
  assert.deepEqual([answered.filesReceived, answered.dataset?.photos], [1, 1]);
});
