import assert from "assert";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { connect as connectPlainly, type Socket } from "node:net";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { type DescMethodUnary, toJson } from "@bufbuild/protobuf";
import { createConnectTransport } from "@connectrpc/connect-web";
import { openAccess } from "../../src/access/open_access.ts";
import { openLog } from "../../src/log/log.ts";
import { readContractImage } from "../../src/protocol/contract.ts";
import type { ServiceSettings } from "../../src/config/service.ts";
import { descriptorsOf } from "../../src/web_door/descriptors.ts";
import type { Pages } from "../../src/web_door/pages.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { inTime } from "../in_time.ts";
import { Scene } from "../service/scene.ts";

const pem = (name: string) => fileURLToPath(new URL(`../testdata/tls/${name}`, import.meta.url));
const ca = readFileSync(pem("authority.crt"));
const page = { type: "text/html; charset=utf-8", bytes: new TextEncoder().encode("<p>jobs") };
const pages: Pages = new Map([["/index.html", page]]);
const list = "/tinct.v1.TrainingJobService/ListTrainingJobs";

/** What an answer says. */
interface Said {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A server with a certificate that may be renewed, the token "ada", and what a browser does there. */
class Secure implements AsyncDisposable {
  readonly scene: Scene;
  readonly port: number;
  readonly #folder: TemporaryFolder;
  readonly #sink: EventEmitter;
  readonly #owner: AsyncDisposableStack;

  private constructor(
    scene: Scene,
    folder: TemporaryFolder,
    sink: EventEmitter,
    owner: AsyncDisposableStack,
  ) {
    this.scene = scene;
    this.port = Number(URL.parse(scene.server.webUrl)?.port);
    this.#folder = folder;
    this.#sink = sink;
    this.#owner = owner;
  }

  static async open(
    settings: Partial<ServiceSettings> = {},
    tlsClientCa?: string,
  ): Promise<Secure> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    const [tlsCert, tlsKey] = [folder.join("tls.crt"), folder.join("tls.key")];
    await writeFile(tlsKey, await readFile(pem("server.key")));
    await writeFile(tlsCert, await readFile(pem("server.crt")));
    const file = folder.join("access.json");
    const sha256 = createHash("sha256").update("ada").digest("hex");
    const tokens = [{ name: "ada", sha256, scopes: ["read"] }];
    const certificates = [{ name: "dash", commonName: "dashboard", scopes: ["read"] }];
    await writeFile(file, JSON.stringify({ tokens, certificates }));
    const logged: string[] = [];
    const sink = new EventEmitter();
    const log = openLog({
      write: (line) => {
        logged.push(line);
        sink.emit("line");
      },
    });
    const guards = { tlsCert, tlsKey, tlsClientCa, access: file };
    const access = owner.use(await openAccess(guards, "127.0.0.1:0", log));
    const scene = owner.use(await Scene.open(settings, undefined, { access, log, logged, pages }));
    return new Secure(scene, folder, sink, owner.move());
  }

  /** Puts another certificate in place of the server's. */
  async renew(name: string): Promise<void> {
    await writeFile(this.#folder.join("tls.key"), await readFile(pem(`${name}.key`)));
    await writeFile(this.#folder.join("tls.crt"), await readFile(pem(`${name}.crt`)));
  }

  /** Waits until the log has said something so many times. */
  async said(text: string, times = 1): Promise<void> {
    const count = () => this.scene.logged.filter((line) => line.includes(text)).length;
    while (count() < times) await inTime(once(this.#sink, "line"), `the log says "${text}"`);
  }

  /** Asks over TLS. */
  ask(
    path: string,
    { method = "GET", headers = {}, body, client }: {
      readonly method?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
      /** The name of the certificate to show. */
      readonly client?: string;
    } = {},
  ): Promise<Said> {
    const { promise, resolve, reject } = Promise.withResolvers<Said>();
    const own = client &&
      { cert: readFileSync(pem(`${client}.crt`)), key: readFileSync(pem(`${client}.key`)) };
    const given = {
      host: "localhost",
      port: this.port,
      path,
      method,
      headers,
      ca,
      agent: false as const,
      ...own,
    };
    request(given, (answer) => {
      let text = "";
      answer.on("data", (part) => text += part).on(
        "end",
        () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }),
      );
    }).on("error", reject).end(body);
    return inTime(promise, `${path} is answered`);
  }

  /** The common name of the certificate that is shown at a port. */
  peer(port: number, ALPNProtocols: string[]): Promise<string> {
    return new Promise((resolve, reject) => {
      const options = { port, host: "127.0.0.1", servername: "localhost", ca, ALPNProtocols };
      const socket = connect(options, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once("error", reject);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner[Symbol.asyncDispose]();
  }
}

Deno.test("the door speaks TLS by the server's certificate, and its cookie goes over TLS alone", async (t) => {
  await using secure = await Secure.open();
  const { scene: { server }, port } = secure;
  assert.match(server.webUrl, /^https:\/\//);
  const origin = `https://localhost:${port}`;
  const call = { method: "POST", body: "{}" };
  const json = { "content-type": "application/json" };

  await t.step("calls over it are answered, by Connect's client too", async () => {
    const headers = { ...json, authorization: "Bearer ada" };
    assert.equal((await secure.ask(list, { ...call, headers })).status, 200);
    assert.equal((await secure.ask(list, { ...call, headers: json })).status, 401);
    using trusting = Deno.createHttpClient({ caCerts: [ca.toString()] });
    const transport = createConnectTransport({
      baseUrl: origin,
      // On Deno 2.9.3 connect-node ends with "write EPERM" over TLS.
      fetch: (input, init) => fetch(input, { ...init, client: trusting }),
      interceptors: [(next) => (asked) => {
        asked.header.set("authorization", "Bearer ada");
        return next(asked);
      }],
    });
    const service = descriptorsOf(readContractImage()).getService("tinct.v1.TrainingJobService")!;
    const method = service.method["listTrainingJobs"] as DescMethodUnary;
    const { message } = await transport.unary(method, undefined, 60_000, undefined, {});
    assert.deepEqual(toJson(method.output, message), {});
  });
  await t.step(
    "a sign-in makes a cookie that browsers send over TLS and to this host alone",
    async () => {
      const asked = await secure.ask("/", { headers: { accept: "text/html" } });
      assert.deepEqual([asked.status, asked.headers["location"]], [303, "/sign-in?next=%2F"]);
      const headers = { origin, "content-type": "application/x-www-form-urlencoded" };
      const made = await secure.ask("/sign-in", { method: "POST", headers, body: "token=ada" });
      assert.equal(made.status, 303);
      const cookie = String(made.headers["set-cookie"]);
      assert.match(
        cookie,
        new RegExp(`^__Host-tinct_${port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Secure$`),
      );
      const shown = { ...json, origin, cookie: cookie.split(";")[0]! };
      assert.equal((await secure.ask(list, { ...call, headers: shown })).status, 200);
    },
  );
  await t.step("a page of the same host without TLS is of another site", async () => {
    const headers = { ...json, authorization: "Bearer ada", origin: `http://localhost:${port}` };
    assert.equal((await secure.ask(list, { ...call, headers })).status, 403);
  });
  await t.step("who does not speak TLS gets no answer", async () => {
    const socket: Socket = connectPlainly(port, "127.0.0.1").on("error", () => {});
    let text = "";
    socket.on("data", (part) => text += part.toString("latin1"));
    socket.write(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    if (!socket.closed) await inTime(once(socket, "close"), "the connection is closed");
    assert.ok(!text.includes("HTTP/1.1"), text);
  });
});

Deno.test("a renewed certificate is used at both doors from the next connection on", async () => {
  await using secure = await Secure.open();
  const doors = [
    [Number(secure.scene.server.address.split(":").at(-1)), ["h2"]],
    [secure.port, ["http/1.1"]],
  ] as const;
  const shown = () => Promise.all(doors.map(([port, spoken]) => secure.peer(port, [...spoken])));
  assert.deepEqual(await shown(), ["server", "server"]);
  await secure.renew("renewed");
  await secure.said("The certificates were read again.");
  if ((await shown())[0] !== "renewed server") {
    // Key and certificate are two files: what was read between them was refused, and is read again.
    await secure.said("The certificates were read again.", 2);
  }
  assert.deepEqual(await shown(), ["renewed server", "renewed server"]);
  const headers = { "content-type": "application/json", authorization: "Bearer ada" };
  assert.equal((await secure.ask(list, { method: "POST", body: "{}", headers })).status, 200);
});

Deno.test("mutual TLS holds at the door, too: a certificate is needed, and may stand for a token", async () => {
  await using secure = await Secure.open({}, pem("authority.crt"));
  const headers = { "content-type": "application/json" };
  const call = { method: "POST", body: "{}", headers };
  await assert.rejects(secure.ask(list, call), "no certificate");
  await assert.rejects(secure.ask(list, { ...call, client: "foreign" }), "of another authority");
  assert.equal((await secure.ask(list, { ...call, client: "client" })).status, 200);
});

Deno.test("1,000 connections that do not say they speak TLS keep nobody out", async () => {
  await using secure = await Secure.open({ maxConnectionsPerAddress: 64 });
  const held: Socket[] = [];
  const headers = { "content-type": "application/json", authorization: "Bearer ada" };
  try {
    for (let index = 0; index < 1000; index++) {
      const socket = connectPlainly(secure.port, "127.0.0.1").on("error", () => {}).resume();
      await inTime(once(socket, "connect"), "the door accepts a connection");
      // The first bytes of a greeting, or none.
      if (index % 2 === 0) socket.write(Buffer.from("16030100f8010000f40303", "hex"));
      held.push(socket);
      if (index % 250 !== 249) continue;
      assert.equal((await secure.ask(list, { method: "POST", body: "{}", headers })).status, 200);
    }
    await inTime(
      Promise.all(held.slice(0, 900).map((each) => each.closed || once(each, "close"))),
      "the oldest are cut for those that followed",
    );
  } finally {
    for (const socket of held) socket.destroy();
  }
});
