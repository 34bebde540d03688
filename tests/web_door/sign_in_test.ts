import assert from "assert";
import { createHash } from "node:crypto";
import { AccessControl } from "../../src/access/access_control.ts";
import { parseAccessFile } from "../../src/access/access_file.ts";
import type { Access } from "../../src/access/open_access.ts";
import { type Pages } from "../../src/web_door/pages.ts";
import { SignIns } from "../../src/web_door/sign_ins.ts";
import { Scene } from "../service/scene.ts";

const page = { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<p>jobs") };
const pages: Pages = new Map([["/index.html", page]]);

/** An access list of these tokens, each with its scope. */
function listOf(tokens: Readonly<Record<string, string>>) {
  const entries = Object.entries(tokens).map(([name, scope]) => ({
    name,
    scopes: [scope],
    sha256: createHash("sha256").update(name).digest("hex"),
  }));
  return parseAccessFile(JSON.stringify({ tokens: entries }), "access.json");
}

/** A guarded server with a door, and what a browser does there. */
async function guarded(tokens: Readonly<Record<string, string>>) {
  const control = new AccessControl(listOf(tokens));
  const access: Access = { control, tls: undefined, [Symbol.dispose]: () => {} };
  const scene = await Scene.open({}, undefined, { pages, access });
  const url = scene.server.webUrl;
  const ask = async (path: string, asked: RequestInit = {}) => {
    const answer = await fetch(`${url}${path}`, { redirect: "manual", ...asked });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  };
  const own = { origin: url, "sec-fetch-site": "same-origin" };
  const signIn = (token: string, headers: Record<string, string> = own) =>
    ask("/sign-in", { method: "POST", headers, body: new URLSearchParams({ token }) });
  const list = (headers: Record<string, string>) =>
    ask("/tinct.v1.TrainingJobService/ListTrainingJobs", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/json", ...headers },
    });
  return { scene, control, ask, own, signIn, list };
}

/** The cookie that an answer sets, as a browser sends it back. */
function cookieOf(headers: Headers): string {
  return /^[^;]+/.exec(headers.get("set-cookie") ?? "")?.[0] ?? "";
}

Deno.test("a token by a form makes a cookie, which is dead with the token or the sign-out", async (t) => {
  const { scene, control, ask, own, signIn, list } = await guarded({
    ada: "read",
    eve: "colorize",
  });
  await using _scene = scene;
  await t.step("without either there is the form, and no answer", async () => {
    const asked = await ask("/", { headers: { accept: "text/html" } });
    assert.deepEqual([asked.status, asked.headers.get("location")], [303, "/sign-in?next=%2F"]);
    const form = await ask("/sign-in");
    assert.match(form.text, /<input id="token" name="token" type="password"/);
    assert.ok(!/<script|style=|<style/.test(form.text));
    assert.equal((await list(own)).status, 401);
  });
  await t.step("a wrong token is told so, and sets nothing", async () => {
    const wrong = await signIn("nobody");
    assert.equal(wrong.status, 401);
    assert.match(wrong.text, /role="alert">This server does not know the token/);
    assert.equal(wrong.headers.get("set-cookie"), null);
  });
  await t.step("another site's form signs nobody in", async () => {
    const other = await signIn("ada", { origin: "http://evil.example" });
    assert.deepEqual([other.status, other.headers.get("set-cookie")], [403, null]);
  });
  let cookie = "";
  await t.step(
    "the right one makes a cookie that no script reads and no other site sends",
    async () => {
      const made = await signIn("ada");
      assert.deepEqual([made.status, made.headers.get("location")], [303, "/"]);
      const text = made.headers.get("set-cookie") ?? "";
      assert.match(text, /^tinct_\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
      cookie = cookieOf(made.headers);
      assert.ok(!cookie.includes("ada"));
      assert.equal((await list({ ...own, cookie })).status, 200);
      const shown = await ask("/jobs/3", { headers: { accept: "text/html", cookie, ...own } });
      assert.deepEqual([shown.status, shown.text], [200, "<p>jobs"]);
    },
  );
  await t.step("its scopes are the token's", async () => {
    const told = await ask("/session", { headers: { cookie, ...own } });
    const session = { guarded: true, signedIn: true, client: "ada", scopes: ["read"] };
    assert.deepEqual(JSON.parse(told.text), session);
    const other = cookieOf((await signIn("eve")).headers);
    assert.equal((await list({ ...own, cookie: other })).status, 403);
  });
  await t.step("the cookie alone does nothing: its page must say where it is from", async () => {
    assert.equal((await list({ cookie })).status, 401);
    assert.equal((await list({ cookie, origin: "http://evil.example" })).status, 403);
    assert.equal((await list({ cookie, "sec-fetch-site": "cross-site" })).status, 403);
  });
  await t.step("after the sign-out it is worth nothing, wherever it was copied to", async () => {
    const mine = cookieOf((await signIn("ada")).headers);
    const out = await ask("/sign-out", { method: "POST", headers: { cookie: mine, ...own } });
    assert.match(out.headers.get("set-cookie") ?? "", /Max-Age=0/);
    assert.equal((await list({ ...own, cookie: mine })).status, 401);
    assert.equal((await list({ ...own, cookie })).status, 200);
  });
  await t.step("after the token's removal it is worth nothing at once", async () => {
    control.replace(listOf({ eve: "colorize" }));
    assert.equal((await list({ ...own, cookie })).status, 401);
  });
  await t.step("a token by header needs no cookie and no origin", async () => {
    assert.equal((await list({ authorization: "Bearer ada" })).status, 401);
    control.replace(listOf({ ada: "read" }));
    assert.equal((await list({ authorization: "Bearer ada" })).status, 200);
  });
});

Deno.test("who guesses tokens is not looked at any more, by form as by header", async () => {
  const control = new AccessControl(listOf({ ada: "read" }));
  const access: Access = { control, tls: undefined, [Symbol.dispose]: () => {} };
  await using scene = await Scene.open({ maxWrongTokens: 5 }, undefined, { pages, access });
  const url = scene.server.webUrl;
  const guess = async (token: string) => {
    const body = new URLSearchParams({ token });
    const headers = { origin: url };
    const asked = { method: "POST", headers, body, redirect: "manual" } as const;
    const answer = await fetch(`${url}/sign-in`, asked);
    await answer.body?.cancel();
    return answer.status;
  };
  const statuses: number[] = [];
  for (let index = 0; index < 8; index++) statuses.push(await guess(`wrong ${index}`));
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
  assert.equal(await guess("ada"), 429, "not even the right one");
});

Deno.test("a browser that was away for a week has to sign in again", () => {
  let nowMs = 0;
  const signIns = new SignIns(() => nowMs);
  const hash = new Uint8Array(32).fill(7);
  const secret = signIns.begin(hash);
  nowMs += 6 * 24 * 3_600_000;
  assert.deepEqual(signIns.tokenHashOf(secret), hash);
  nowMs += 6 * 24 * 3_600_000;
  assert.deepEqual(signIns.tokenHashOf(secret), hash);
  nowMs += 7 * 24 * 3_600_000;
  assert.equal(signIns.tokenHashOf(secret), undefined);
});
