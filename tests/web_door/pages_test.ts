import assert from "assert";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { type PageFile, readPages } from "../../src/web_door/pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime } from "../in_time.ts";
import { Scene } from "../service/scene.ts";

/** Sends a request as it stands; no client rights its path. */
async function raw(url: string, target: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  const socket = connect(Number(port), hostname);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part)).on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  await inTime(closed, `${target} is answered`);
  return Buffer.concat(parts).toString("latin1");
}

Deno.test("pages are what was read at the start, and no path leads anywhere else", async (t) => {
  await using folder = await TemporaryFolder.create();
  const root = folder.join("pages");
  await mkdir(`${root}/assets`, { recursive: true });
  await writeFile(`${root}/index.html`, "<p>the page");
  await writeFile(`${root}/assets/app.js`, "let app;");
  await writeFile(`${root}/assets/notes.key`, "of no known type");
  await writeFile(folder.join("secret.txt"), "a secret");
  await symlink(folder.join("secret.txt"), `${root}/linked.txt`);
  await symlink(folder.path, `${root}/up`);
  const pages = await readPages(root);
  await using scene = await Scene.open({}, undefined, { pages });
  const url = scene.server.webUrl;
  const file = (path: string): PageFile | undefined => pages.get(path);
  assert.equal(file("/assets/app.js")?.type, "text/javascript; charset=utf-8");

  await t.step(
    "a page may run no script of its own, load nothing from elsewhere, be in no frame",
    async () => {
      const answer = await fetch(`${url}/`);
      assert.equal(await answer.text(), "<p>the page");
      const policy = answer.headers.get("content-security-policy") ?? "";
      assert.match(policy, /default-src 'none'; script-src 'self';.*frame-ancestors 'none'/);
      assert.ok(!/unsafe|http:|https:|\*/.test(policy), policy);
      assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
      assert.equal(answer.headers.get("x-frame-options"), "DENY");
      assert.equal(answer.headers.get("access-control-allow-origin"), null);
    },
  );
  const tricks = [
    "/../secret.txt",
    "/assets/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/assets/..%5c..%5csecret.txt",
    "/assets/..\\..\\secret.txt",
    "//etc/passwd",
    "/etc/passwd",
    "/index.html%00.js",
    "/linked.txt",
    "/up/secret.txt",
    "/assets/notes.key",
    "/assets/",
    "/assets/./app.js",
    "/constructor",
    "/__proto__",
    "file:///etc/passwd",
    "*",
  ];
  for (const target of tricks) {
    await t.step(`${target} is no page`, async () => {
      const answer = await raw(url, target);
      assert.match(answer, /^HTTP\/1\.1 4\d\d /, answer.slice(0, 100));
      assert.ok(!/a secret|root:|let app|of no known/.test(answer), answer);
    });
  }
  await t.step("an address of the page's own shows the page, to browsers alone", async () => {
    const html = { accept: "text/html,*/*" };
    const shown = await fetch(`${url}/jobs/3f1c-2`, { headers: html });
    assert.equal(await shown.text(), "<p>the page");
    const other = await fetch(`${url}/jobs/3f1c-2`);
    await other.body?.cancel();
    assert.equal(other.status, 404);
  });
});
