import assert from "assert";
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import type { UploadDatasetRequest } from "../../src/protocol/generated/tinct/v1/upload_dataset_request.ts";
import type { UploadDatasetResponse__Output } from "../../src/protocol/generated/tinct/v1/upload_dataset_response.ts";
import { send } from "../../src/protocol/send.ts";
import { until } from "../in_time.ts";
import { answer, type Ending, ending, Scene } from "../service/scene.ts";

/** Makes one upload of these messages. */
function upload(
  scene: Scene,
  messages: readonly UploadDatasetRequest[],
): Promise<Ending<UploadDatasetResponse__Output>> {
  return ending<UploadDatasetResponse__Output>((back) => {
    const call = scene.datasets.uploadDataset(back);
    const sending = async () => {
      for (const message of messages) await send(call, message);
      call.end();
    };
    sending().catch(() => {}); // the call's own error says more
  });
}

const start = (dataset = "flowers"): UploadDatasetRequest => ({ start: { dataset } });
const finish: UploadDatasetRequest = { finish: {} };
const file = (fileName: string, text: string, rest = {}): UploadDatasetRequest => ({
  piece: { fileName, data: Buffer.from(text), last: true, ...rest },
});

Deno.test("an upload that was cut goes on by file name, and is complete after finish", async () => {
  await using scene = await Scene.open();
  const part = { fileName: "b/rose.png", data: Buffer.alloc(700_000, 1), last: false };
  const cut = await upload(scene, [start(), file("a.jpg", "aaa"), { piece: part }]);
  assert.ok("error" in cut);
  assert.match(cut.error.message, /in the middle of "b\/rose\.png"/);
  const list = () =>
    answer<{ files: unknown[] }>((back) =>
      scene.datasets.listDatasetFiles({ dataset: "flowers" }, back)
    );
  assert.deepEqual((await list()).files, [{ fileName: "a.jpg", sizeBytes: 3 }]);
  const rest = Buffer.alloc(700_000, 2);
  const sha256 = createHash("sha256").update(part.data).update(rest).digest();
  const done = await upload(scene, [
    start(),
    { piece: { ...part, sizeBytes: 1_400_000, sha256 } },
    { piece: { data: rest, last: true } },
    finish,
  ]);
  assert.ok("ok" in done, JSON.stringify(done));
  assert.equal(done.ok.dataset?.state, "DATASET_STATE_READY");
  assert.deepEqual([done.ok.dataset?.photos, done.ok.filesReceived], [2, 1]);
  assert.equal(done.ok.dataset?.sizeBytes, 1_400_003);
  const stored = await readFile(scene.join("datasets", "flowers", "b", "rose.png"));
  assert.deepEqual(createHash("sha256").update(stored).digest(), sha256);
  assert.deepEqual((await readdir(scene.join("datasets", "flowers"))).sort(), ["a.jpg", "b"]);
  const again = await upload(scene, [start(), finish]);
  assert.ok("error" in again && again.error.code === "ALREADY_EXISTS");
});

const badNames = [
  "../evil.jpg",
  "a/../../evil.jpg",
  "/etc/evil.jpg",
  "C:evil.jpg",
  "a\\evil.jpg",
  "a\0.jpg",
  "a\n.jpg",
  "a//b.jpg",
  "./a.jpg",
  ".hidden.jpg",
  "a/.git/x.jpg",
  "script.sh",
  "noending",
  `${"x".repeat(1000)}.jpg`,
  `${"d/".repeat(17)}a.jpg`,
];

Deno.test("file names that could lead elsewhere are refused one by one, and the upload goes on", async () => {
  await using scene = await Scene.open();
  const before = (await readdir(scene.folder.path)).sort();
  const messages = badNames.map((name) => file(name, "evil"));
  const wrong = file("hash.jpg", "x", { sha256: Buffer.alloc(32) });
  const short = file("short.jpg", "x", { sizeBytes: 2 });
  const done = await upload(scene, [start(), ...messages, wrong, short, file("good.jpg", "g")]);
  assert.ok("ok" in done, JSON.stringify(done));
  assert.equal(done.ok.filesReceived, 1);
  const refused = done.ok.refused.map(({ fileName, fault }) => [fileName, fault?.code]);
  const expected = [...badNames, "hash.jpg", "short.jpg"].map((name) => [name.slice(0, 1000), 3]);
  assert.deepEqual(refused, expected);
  assert.equal(done.ok.dataset?.state, "DATASET_STATE_UPLOADING");
  assert.deepEqual((await readdir(scene.folder.path)).sort(), before);
  const there = (await readdir(scene.join("datasets", "flowers"))).filter((each) =>
    each !== ".partial"
  );
  assert.deepEqual(there, ["good.jpg"]);
});

Deno.test("an upload past the room of all uploads together is refused, and frees what it began", async () => {
  await using scene = await Scene.open({ maxUploadsGib: 0.001 }); // 1,073,742 bytes
  const first = await upload(scene, [start("one"), file("a.jpg", "x".repeat(700_000)), finish]);
  assert.ok("ok" in first, JSON.stringify(first));
  const second = await upload(scene, [
    start("two"),
    file("b.jpg", "x".repeat(300_000)),
    file("c.jpg", "x".repeat(100_000)),
  ]);
  assert.ok("error" in second, JSON.stringify(second));
  assert.deepEqual(second.error.code, "RESOURCE_EXHAUSTED");
  assert.match(second.error.message, /All uploaded datasets together may take 0\.001 GiB/);
  const left = await readdir(scene.join("datasets", "two"), { recursive: true });
  assert.deepEqual(left.filter((name) => !name.startsWith(".partial")), ["b.jpg"]);
  assert.ok(left.every((name) => !/^\.partial./.test(name)), `${left}`);
});

/** An upload that the test sends bit by bit. */
class SlowUpload {
  readonly ended: Promise<Ending<UploadDatasetResponse__Output>>;
  #call: ReturnType<Scene["datasets"]["uploadDataset"]> | undefined;

  constructor(scene: Scene) {
    this.ended = ending<UploadDatasetResponse__Output>((back) =>
      this.#call = scene.datasets.uploadDataset(back)
    );
  }

  async send(...messages: UploadDatasetRequest[]): Promise<void> {
    for (const message of messages) await send(this.#call!, message);
  }

  end(): void {
    this.#call?.end();
  }
}

/** Waits until this much of an unfinished file of a dataset has been written. */
async function arrived(scene: Scene, dataset: string, sizeBytes: number): Promise<void> {
  const folder = scene.join("datasets", dataset, ".partial");
  const isThere = async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      if ((await stat(`${folder}/${name}`)).size >= sizeBytes) return true;
    }
    return false;
  };
  await until(isThere, `${sizeBytes} bytes of an unfinished file are there`);
}

Deno.test("of two uploads at a time that fit each alone but not together one is refused whole", async () => {
  await using scene = await Scene.open({ maxUploadsGib: 0.001 }); // 1,073,742 bytes
  const half = (fileName: string, last: boolean): UploadDatasetRequest => ({
    piece: { fileName, data: Buffer.alloc(300_000), last },
  });
  const names = ["one", "two"] as const;
  const uploads = names.map(() => new SlowUpload(scene));
  for (const [at, name] of names.entries()) {
    await uploads[at]?.send(start(name), half("a.jpg", false));
    await arrived(scene, name, 300_000);
  }
  for (const upload of uploads) {
    await upload.send(half("", true)).catch(() => {}); // its end says more
    upload.end();
  }
  const ends = await Promise.all(uploads.map(({ ended }) => ended));
  const lost = ends.findIndex((end) => "error" in end);
  const [won, refused] = [ends[1 - lost], ends[lost]];
  assert.ok(won && "ok" in won, JSON.stringify(ends));
  assert.equal(won.ok.filesReceived, 1);
  assert.ok(refused && "error" in refused, JSON.stringify(ends));
  assert.equal(refused.error.code, "RESOURCE_EXHAUSTED");
  assert.match(refused.error.message, /together may take 0\.001 GiB/);
  const left = await readdir(scene.join("datasets", names[lost]!), { recursive: true });
  assert.deepEqual(left, [".partial"], "nothing of the refused one");

  // What it had reserved is free again, to the byte; and so is what is deleted.
  const room = Math.floor(0.001 * 2 ** 30) - 600_000;
  const over = await upload(scene, [start("three"), file("a.jpg", "x".repeat(room + 1))]);
  assert.ok("error" in over && over.error.code === "RESOURCE_EXHAUSTED", JSON.stringify(over));
  const fits = await upload(scene, [start("three"), file("a.jpg", "x".repeat(room))]);
  assert.ok("ok" in fits, JSON.stringify(fits));
  await answer((back) => scene.datasets.deleteDataset({ dataset: "three" }, back));
  const again = await upload(scene, [start("four"), file("a.jpg", "x".repeat(room))]);
  assert.ok("ok" in again, JSON.stringify(again));
  // A file may be replaced by one as large, though there is no room for both.
  const replaced = await upload(scene, [start("four"), file("a.jpg", "y".repeat(room))]);
  assert.ok("ok" in replaced, JSON.stringify(replaced));
});

Deno.test("uploads and jobs are refused while the disk has less free than it keeps", async () => {
  await using scene = await Scene.open({ minFreeMib: 1e9 });
  const refused = [
    await upload(scene, [start(), file("a.jpg", "x")]),
    await ending((back) => scene.colorization.train({ dataset: "meadow" }, back)),
  ];
  for (const each of refused) {
    assert.ok("error" in each, JSON.stringify(each));
    assert.equal(each.error.code, "RESOURCE_EXHAUSTED");
    assert.match(each.error.message, /MiB free and keeps 1000000000 MiB/);
  }
});

const misuses: readonly [string, readonly UploadDatasetRequest[], string, RegExp][] = [
  ["no start", [file("a.jpg", "a")], "INVALID_ARGUMENT", /must be `start`/],
  ["nothing", [], "INVALID_ARGUMENT", /must be `start`/],
  ["two starts", [start(), start()], "INVALID_ARGUMENT", /pieces and `finish`/],
  ["a wrong name", [start("../x")], "INVALID_ARGUMENT", /start\.dataset must be a name of/],
  ["a folder's name", [start("meadow")], "ALREADY_EXISTS", /data root/],
  ["after finish", [start(), finish, file("a.jpg", "a")], "INVALID_ARGUMENT", /follow `finish`/],
  ["no file name", [start(), file("", "a")], "INVALID_ARGUMENT", /must name it/],
  [
    "mixed files",
    [start(), file("a.jpg", "a", { last: false }), file("b.jpg", "b")],
    "INVALID_ARGUMENT",
    /began before the last piece/,
  ],
  [
    "a large piece",
    [start(), file("a.jpg", "x".repeat(2 ** 20 + 1))],
    "INVALID_ARGUMENT",
    /1048576 bytes/,
  ],
  [
    "too many photos",
    [start(), ...["a", "b", "c"].map((name) => file(`${name}.jpg`, "x"))],
    "RESOURCE_EXHAUSTED",
    /2 photos/,
  ],
];

Deno.test("UploadDataset refuses messages in an order that makes no sense", async (t) => {
  for (const [what, messages, code, says] of misuses) {
    await t.step(what, async () => {
      await using scene = await Scene.open({ maxDatasetPhotos: 2 });
      const done = await upload(scene, messages);
      assert.ok("error" in done, JSON.stringify(done));
      assert.equal(done.error.code, code, done.error.message);
      assert.match(done.error.message, says);
    });
  }
});

Deno.test("nothing is taken in for a dataset while it is deleted", async () => {
  await using scene = await Scene.open();
  assert.ok("ok" in await upload(scene, [start(), file("a.jpg", "aaa")]));
  const { jobs } = scene.store;
  const { list } = jobs;
  const asked = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const hold: typeof list = async (...given) => {
    asked.resolve();
    await held.promise;
    return await list(...given);
  };
  Object.assign(jobs, { list: hold }); // the deletion looks for jobs that need the dataset
  const deleted = ending((back) => scene.datasets.deleteDataset({ dataset: "flowers" }, back));
  await asked.promise;
  const others = [
    () => upload(scene, [start(), file("b.jpg", "bbb")]),
    () => ending((back) => scene.datasets.deleteDataset({ dataset: "flowers" }, back)),
  ];
  try {
    for (const other of others) {
      const end = await other();
      assert.ok("error" in end, "it was taken");
      assert.deepEqual([end.error.code, end.error.message], [
        "FAILED_PRECONDITION",
        "Another call uploads to the dataset flowers or deletes it; wait until it has ended.",
      ]);
    }
  } finally {
    held.resolve();
  }
  assert.ok("ok" in await deleted);
  assert.deepEqual(await readdir(scene.join("datasets")), []);
  assert.ok("ok" in await upload(scene, [start(), file("b.jpg", "bbb")]), "the name is free again");
});

Deno.test("datasets that are begun and never finished are bounded, and deleting one makes room", async () => {
  await using scene = await Scene.open({ maxUnfinishedPerClient: 3 });
  for (const name of ["one", "two", "three"]) assert.ok("ok" in await upload(scene, [start(name)]));
  const refused = await upload(scene, [start("four")]);
  assert.ok("error" in refused);
  assert.equal(refused.error.code, "RESOURCE_EXHAUSTED");
  assert.match(
    refused.error.message,
    /^3 datasets are unfinished of those you started, and the limit is 3/,
  );
  assert.ok("ok" in await upload(scene, [start("two"), file("a.jpg", "aaa")]), "one goes on");
  assert.deepEqual((await readdir(scene.join("datasets"))).sort(), ["one", "three", "two"]);
  await answer((back) => scene.datasets.deleteDataset({ dataset: "one" }, back));
  assert.ok("ok" in await upload(scene, [start("four")]));
});
