import assert from "assert";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { AccessControl } from "../../src/access/access_control.ts";
import { parseAccessFile } from "../../src/access/access_file.ts";
import { openCheckpoint, readCheckpointInfo } from "../../src/checkpoints/checkpoint_folder.ts";
import type { DownloadCheckpointResponse__Output } from "../../src/protocol/generated/tinct/v1/download_checkpoint_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { tarBytes, tarHead } from "../../src/web_door/tar.ts";
import { noPages } from "../../src/web_door/pages.ts";
import { inTime } from "../in_time.ts";
import { withCheckpoints } from "../server/with_checkpoints.ts";
import { Scene } from "../service/scene.ts";

const run = promisify(execFile);

/** A server with a door and checkpoints of the job "job-a". */
async function opened(access?: AccessControl) {
  const scene = await Scene.open({}, undefined, {
    pages: noPages,
    ...(access && { access: { control: access, tls: undefined, [Symbol.dispose]: () => {} } }),
  });
  const [folder = ""] = await withCheckpoints(scene, [5]);
  return { scene, folder, url: `${scene.server.webUrl}/checkpoints/job-a/5` };
}

/** The files of a folder by name. */
async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = (await readdir(folder)).sort().map(async (name) =>
    [name, (await readFile(join(folder, name))).toString("base64")] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

Deno.test("DownloadCheckpoint sends the files of a checkpoint, each with its SHA-256", async () => {
  const { scene, folder } = await opened();
  await using _scene = scene;
  const call = scene.jobs.downloadCheckpoint({ checkpoint: { jobId: "job-a" } });
  const messages: DownloadCheckpointResponse__Output[] = [];
  for await (const message of receive(call)) messages.push(message);
  const [first] = messages;
  assert.equal(Number(first?.step), 5);
  assert(messages.slice(1).every(({ files }) => files.length === 0));
  const all = Buffer.concat(messages.map(({ data }) => data));
  let at = 0;
  const found = (first?.files ?? []).map(({ fileName, sizeBytes, sha256 }) => {
    const data = all.subarray(at, at += Number(sizeBytes));
    assert(createHash("sha256").update(data).digest().equals(sha256), fileName);
    return [fileName, data.toString("base64")] as const;
  });
  assert.equal(at, all.length);
  assert.deepEqual(Object.fromEntries(found.toSorted()), await filesOf(folder));
});

Deno.test("the archive that a browser saves is the checkpoint, whole and sound", async () => {
  const { scene, folder, url } = await opened();
  await using _scene = scene;
  const answer = await fetch(url);
  assert.equal(answer.status, 200);
  const { headers } = answer;
  assert.match(
    headers.get("content-disposition") ?? "",
    /^attachment; filename="job-a-step-5\.tar"$/,
  );
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  const bytes = new Uint8Array(await answer.arrayBuffer());
  assert.equal(bytes.length, Number(headers.get("content-length")));
  const place = scene.join("unpacked");
  await mkdir(place);
  await writeFile(join(place, "given.tar"), bytes);
  await run("tar", ["-xf", join(place, "given.tar"), "-C", place]);
  const unpacked = join(place, "job-a-step-5");
  assert.deepEqual(await filesOf(unpacked), await filesOf(folder));
  await using _checkpoint = await openCheckpoint(await readCheckpointInfo(unpacked));
});

Deno.test("a download that has begun goes to its end when the checkpoint is removed", async () => {
  const { scene, folder } = await opened();
  await using _scene = scene;
  const before = await filesOf(folder);
  const messages = receive(scene.jobs.downloadCheckpoint({ checkpoint: { jobId: "job-a" } }));
  const first = await messages.next();
  await rm(folder, { recursive: true });
  assert(!first.done);
  const rest: Buffer[] = [first.value.data];
  for await (const { data } of messages) rest.push(data);
  const told: readonly { fileName: string }[] = first.value.files;
  const wanted = told.map(({ fileName }) => Buffer.from(before[fileName] ?? "", "base64"));
  assert(Buffer.concat(rest).equals(Buffer.concat(wanted)));
});

Deno.test("an archive says sizes past 8 GiB as tar reads them", async () => {
  const sizeBytes = 9 * 2 ** 30;
  const file = { name: "a/b.safetensors", sizeBytes };
  const listing = run("tar", ["-tvf", "-"]);
  listing.child.stdin?.on("error", () => {}).end(tarHead(file)); // tar misses the content
  const { stdout } = await listing.catch((error) => error as { stdout: string });
  assert.match(stdout, /^-rw-r--r-- 0\/0 +9663676416 .* a\/b\.safetensors$/m);
  assert.equal(tarBytes([file]), 512 + sizeBytes + 1024);
});

Deno.test("a download needs its scope, and no page of another site begins one", async (t) => {
  const tokens = Object.entries({ ada: "train", eve: "read" }).map(([name, scope]) => ({
    name,
    scopes: [scope],
    sha256: createHash("sha256").update(name).digest("hex"),
  }));
  const file = JSON.stringify({ tokens });
  const { scene, url } = await opened(new AccessControl(parseAccessFile(file, "access.json")));
  await using _scene = scene;
  const ask = async (headers: Record<string, string>, init: RequestInit = {}, at = url) => {
    const answer = await fetch(at, { headers, redirect: "manual", ...init });
    const text = await answer.text();
    return [answer.status, answer.status === 200 ? "" : text.trim()] as const;
  };
  const ada = { authorization: "Bearer ada" };
  await t.step("who may train", async () => assert.equal((await ask(ada))[0], 200));
  await t.step("who may not", async () => {
    assert.equal((await ask({}))[0], 401);
    assert.equal((await ask({ authorization: "Bearer eve" }))[0], 403);
    assert.equal((await ask({ cookie: "tinct=" + "a".repeat(43) }))[0], 401);
  });
  await t.step("other sites", async () => {
    const evil = { ...ada, origin: "https://evil.example" };
    assert.match((await ask(evil))[1], /comes from a page of "https:\/\/evil\.example"/);
    assert.equal((await ask({ ...ada, "sec-fetch-site": "cross-site" }))[0], 403);
    assert.equal((await ask({ ...ada, "sec-fetch-site": "same-origin" }))[0], 200);
  });
  await t.step("what is not there", async () => {
    const at = (path: string) => ask(ada, {}, `${scene.server.webUrl}${path}`);
    const [status, text] = await at("/checkpoints/job-a/6");
    assert.equal(status, 404);
    assert.match(text, /Job job-a has no checkpoint of step 6; those that are kept: 5\./);
    assert.equal((await at("/checkpoints/job-none/5"))[0], 404);
    assert.equal((await at("/checkpoints/job-a/0"))[0], 400);
    assert.equal((await at("/checkpoints/job-a/999999999999999"))[0], 404);
    assert.equal((await ask(ada, { method: "POST", body: "x" }))[0], 405);
  });
});

Deno.test("no path of a download leads anywhere else", async () => {
  const { scene } = await opened();
  await using _scene = scene;
  const { host, hostname, port } = new URL(scene.server.webUrl);
  const paths = [
    "/checkpoints/../../tinct.db",
    "/checkpoints/job-a/../../../tinct.db",
    "/checkpoints/job-..%2f..%2ftinct.db/5",
    "/checkpoints/job-a%00/5",
    "/checkpoints/job-a/5/checkpoint.json",
    "/checkpoints/job-a/5%2f..",
    "/checkpoints//5",
    "/checkpoints/job-a/-5",
    "/checkpoints/job-a/5e0",
    "/checkpoints/job-a/0x5",
    `/checkpoints/job-${"a".repeat(4000)}/5`,
    "http://evil.example/checkpoints/job-a/6",
  ];
  for (const path of paths) {
    // `fetch` would tidy such paths up.
    const socket = connect(Number(port), hostname);
    let text = "";
    socket.on("data", (part: Buffer) => text += part.toString("latin1"));
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    await inTime(once(socket, "close"), `the door answers ${path}`);
    assert.match(text, /^HTTP\/1\.1 4\d\d /, path);
    assert(!text.includes("SQLite format") && !text.includes("ustar"), path);
  }
});
