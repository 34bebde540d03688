import assert from "assert";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runTinct } from "../cli/run_tinct.ts";
import { ServedProcess } from "../service/served_process.ts";

const cat = fileURLToPath(new URL("../testdata/photos/cat.jpg", import.meta.url));
const mib = 2 ** 20;

/** Passes connections on to a server, and cuts the one that has brought so many bytes, once. */
class CuttingRelay implements AsyncDisposable {
  readonly #server;
  #hasCut = false;

  constructor(port: number, cutAfterBytes: number) {
    let brought = 0;
    this.#server = createServer((client) => {
      const server = connect(port, "127.0.0.1");
      const cut = () => [client, server].forEach((socket) => socket.destroy());
      for (const socket of [client, server]) socket.on("error", cut).on("close", cut);
      server.pipe(client);
      client.on("data", (bytes) => {
        brought += bytes.length;
        if (!this.#hasCut && brought > cutAfterBytes) {
          this.#hasCut = true;
          return cut();
        }
        if (!server.write(bytes)) {
          client.pause();
          server.once("drain", () => client.resume());
        }
      });
    });
  }

  /** Its address, once it listens. */
  async open(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get hasCut(): boolean {
    return this.#hasCut;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

Deno.test("tinct upload goes on where the connection was cut, and where another upload ended", async () => {
  await using folder = await TemporaryFolder.create();
  await mkdir(folder.join("photos", "below"), { recursive: true });
  const names = Array.from({ length: 24 }, (_, i) => `below/${i}.jpg`);
  // Noise cannot be compressed on the way, nor decoded; one photo makes a dataset.
  for (const name of names) await writeFile(folder.join("photos", name), randomBytes(mib));
  await copyFile(cat, folder.join("photos", "cat.jpg"));
  await using served = await ServedProcess.start(folder.join("data"));
  await using relay = new CuttingRelay(Number(served.address.split(":")[1]), 10.5 * mib);
  const address = await relay.open();
  const upload = (server: string, ...options: string[]) =>
    runTinct([
      ...["upload", folder.join("photos"), "--dataset", "noise", "--server", server],
      ...options,
    ]);

  const first = await upload(address, "--no-finish", "--json");
  assert.equal(first.code, 0, first.stderr);
  assert.ok(relay.hasCut);
  assert.match(first.stderr, /^The connection was lost \([^\n]+\); reconnecting\.$/m);
  assert.equal(JSON.parse(first.stdout).filesReceived, 25, "those of the cut call are counted");
  assert.equal(JSON.parse(first.stdout).dataset.state, "DATASET_STATE_UPLOADING");
  const kept = folder.join("data", "datasets", "noise");
  const there = (await readdir(kept, { recursive: true })).filter((name) => name.endsWith(".jpg"));
  assert.deepEqual(there.sort(), [...names, "cat.jpg"].sort());
  for (const name of there) {
    const [sent, arrived] = await Promise.all([
      readFile(folder.join("photos", name)),
      readFile(join(kept, name)),
    ]);
    assert.ok(sent.equals(arrived), name);
  }

  await writeFile(folder.join("photos", "below", "0.jpg"), randomBytes(1000)); // of another size
  const second = await upload(served.address);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /^24 of 25 photos \([\d.]+ MB\) are there already\.$/m);
  assert.match(second.stdout, /^noise: 25 photos, 24\.2 MB; 1 can be used, 24 broken\.\n$/);
  const third = await upload(served.address);
  assert.equal(third.code, 1);
  assert.match(third.stderr, /The dataset noise is complete; upload under another name/);
});

Deno.test("tinct upload names what it cannot send, and refuses two photos of one name", async () => {
  await using folder = await TemporaryFolder.create();
  for (const name of ["a", "b"]) await mkdir(folder.join(name));
  await copyFile(cat, folder.join("a", "cat.jpg"));
  await copyFile(cat, folder.join("b", "cat.jpg"));
  await using served = await ServedProcess.start(folder.join("data"));
  const upload = (...operands: string[]) =>
    runTinct(["upload", ...operands, "--dataset", "cats", "--server", served.address]);
  const twice = await upload(folder.join("a"), folder.join("b", "cat.jpg"));
  assert.equal(twice.code, 2);
  assert.match(
    twice.stderr,
    /cat\.jpg and .*cat\.jpg would both be cat\.jpg in the dataset: rename/,
  );
  const missing = await upload(folder.join("c"));
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /c/);
  await writeFile(folder.join("notes.txt"), "no photo");
  const partly = await upload(folder.join("a"), folder.join("notes.txt"));
  assert.equal(partly.code, 1, "a file was left out");
  assert.match(partly.stderr, /^\S+notes\.txt is text; Tinct reads JPEG/m);
  assert.match(partly.stdout, /^cats: 1 photo, 35\.0 kB; 1 can be used\.\n$/);
});

Deno.test("tinct upload of what is no photo says so, before a server is called", async () => {
  await using folder = await TemporaryFolder.create();
  const text = folder.join("text.txt");
  await writeFile(text, "I am no photo.\n");
  // Nothing listens there.
  const { code, stderr } = await runTinct(
    ["upload", text, "--dataset", "b", "--server", `unix:${folder.join("none")}`],
  );
  assert.equal(code, 2, stderr);
  assert.equal(
    stderr,
    `${text} is text; Tinct reads JPEG, PNG, WebP, TIFF, GIF and AVIF.\nThere is nothing to upload.\n`,
  );
});
