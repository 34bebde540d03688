import assert from "assert";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { connect, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { openAccess } from "../../src/access/open_access.ts";
import { openMetricsEndpoint } from "../../src/operating/metrics_endpoint.ts";
import { openProbeEndpoint } from "../../src/operating/probe_endpoint.ts";
import { openLog } from "../../src/log/log.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { measured } from "./measured_scene.ts";
import { ServedProcess } from "../service/served_process.ts";

const pem = (name: string) => fileURLToPath(new URL(`../testdata/tls/${name}`, import.meta.url));
const silent = openLog({ write: () => {} });

/** The guards of a server with a certificate and one token of each scope. */
async function guarded(folder: TemporaryFolder) {
  const file = folder.join("access.json");
  const tokens: Record<string, string> = {};
  for (const scope of ["read", "colorize"]) {
    const made = await runKeptTinct(["token", scope, "--access", file, "--scopes", scope]);
    tokens[scope] = made.stdout.trim();
  }
  const options = { tlsCert: pem("server.crt"), tlsKey: pem("server.key"), access: file };
  return { access: await openAccess(options, "127.0.0.1:0", silent), tokens };
}

/** Asks over TLS; the status and the text. */
async function askSecurely(address: string, token?: string): Promise<[number, string]> {
  const { promise, resolve, reject } = Promise.withResolvers<[number, string]>();
  const ca = await readFile(pem("authority.crt"));
  const port = Number(address.split(":").at(-1));
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const given = { host: "localhost", port, path: "/metrics", ca, headers, agent: false as const };
  const asked = request(given, (answer) => {
    let text = "";
    answer.on("data", (part) => text += part).on(
      "end",
      () => resolve([answer.statusCode ?? 0, text]),
    );
  });
  asked.on("error", reject).end();
  return await promise;
}

Deno.test("metrics beyond this machine ask for TLS, or for the word --insecure", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  await assert.rejects(
    async () => await openMetricsEndpoint(metrics, "0.0.0.0:0", silent),
    failsWith("invalid_argument", /^Other machines can reach 0\.0\.0\.0:0.*--insecure/),
  );
  const open = await openMetricsEndpoint(metrics, "0.0.0.0:0", silent, { insecure: true });
  await open[Symbol.asyncDispose]();
  await using folder = await TemporaryFolder.create();
  const { access } = await guarded(folder);
  using _access = access;
  const secure = await openMetricsEndpoint(metrics, "0.0.0.0:0", silent, { access });
  await secure[Symbol.asyncDispose]();
});

Deno.test("metrics of a guarded server are told over TLS to who may read", async () => {
  const { scene, metrics } = await measured();
  await using _scene = scene;
  await using folder = await TemporaryFolder.create();
  const { access, tokens } = await guarded(folder);
  using _access = access;
  await using endpoint = await openMetricsEndpoint(metrics, "127.0.0.1:0", silent, { access });
  assert.equal((await askSecurely(endpoint.address))[0], 401);
  assert.equal((await askSecurely(endpoint.address, "wrong"))[0], 401);
  const [forbidden, why] = await askSecurely(endpoint.address, tokens["colorize"]);
  assert.equal(forbidden, 403);
  assert.match(why, /needs the scope "read"/);
  const [status, text] = await askSecurely(endpoint.address, tokens["read"]);
  assert.equal(status, 200);
  assert.match(text, /^tinct_up 1$/m);
});

Deno.test("connections that ask nothing, or half a request, keep nobody out", async () => {
  await using endpoint = await openProbeEndpoint(() => true, "127.0.0.1:0", silent);
  const port = Number(endpoint.address.split(":")[1]);
  const held: Socket[] = [];
  try {
    for (let i = 0; i < 200; i++) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      if (i % 2 === 0) socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\n");
      held.push(socket);
    }
    const answer = await fetch(`http://${endpoint.address}/healthz`);
    assert.deepEqual([answer.status, await answer.text()], [200, "SERVING\n"]);
    // 64 at a time: the first of 200 were cut for those that followed.
    if (!held[0]!.closed) await once(held[0]!, "close");
  } finally {
    for (const socket of held) socket.destroy();
  }
});

Deno.test("health asks the probe, by option or environment, and takes no half answer for yes", async () => {
  let serves = true;
  await using endpoint = await openProbeEndpoint(() => serves, "127.0.0.1:0", silent);
  const asked = await runKeptTinct(["health", "--probe", endpoint.address]);
  assert.deepEqual([asked.code, asked.stdout], [0, "SERVING\n"]);
  const named = await runKeptTinct(["health"], {
    environment: { TINCT_PROBE: endpoint.address },
  });
  assert.deepEqual([named.code, named.stdout], [0, "SERVING\n"]);
  serves = false;
  const refused = await runKeptTinct(["health", "--probe", endpoint.address]);
  assert.deepEqual([refused.code, refused.stdout], [1, "NOT_SERVING\n"]);
  const both = await runKeptTinct([
    "health",
    "--probe",
    endpoint.address,
    "--server",
    "127.0.0.1:1",
  ]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /--server does not go with --probe/);
  const nobody = await runKeptTinct(["health", "--probe", "127.0.0.1:1"]);
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /No server answers probes at 127\.0\.0\.1:1/);
});

Deno.test("a server answers probes at TINCT_PROBE and metrics where it says", async () => {
  await using folder = await TemporaryFolder.create();
  const environment = { TINCT_PROBE: "127.0.0.1:0" };
  await using served = await ServedProcess.start(
    folder.path,
    ["--metrics", "127.0.0.1:0"],
    environment,
  );
  const ready = served.lines.find(({ message }) => message === "The server is ready.");
  const [probe, metrics] = [ready?.["probe"], ready?.["metrics"]];
  const health = await fetch(`http://${probe}/healthz`);
  assert.deepEqual([health.status, await health.text()], [200, "SERVING\n"]);
  const scraped = await fetch(`http://${metrics}/metrics`);
  assert.match(await scraped.text(), /^tinct_up 1$/m);
  assert.equal(await served.end("SIGTERM"), 0);
});
