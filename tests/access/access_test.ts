import assert from "assert";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { type ChannelCredentials, credentials, Metadata } from "@grpc/grpc-js";
import { type AccessOptions, isLocal, openAccess } from "../../src/access/open_access.ts";
import { scopeOf } from "../../src/access/scopes.ts";
import { ServiceClient } from "../../src/client/service_client.ts";
import { uploadWeights } from "../../src/client/upload_weights.ts";
import { openLog } from "../../src/log/log.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { MAX_PIECE_BYTES } from "../../src/protocol/pieces.ts";
import { failsWith } from "../checkpoints/small_run.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "../cli/run_tinct.ts";
import { inTime } from "../in_time.ts";
import { ending, Scene } from "../service/scene.ts";

const pem = (name: string) => fileURLToPath(new URL(`../testdata/tls/${name}`, import.meta.url));
const contract = loadPublicContract();
const serverTls = { tlsCert: pem("server.crt"), tlsKey: pem("server.key") };

/** A server with guards, and how it is called. */
class Guarded implements AsyncDisposable {
  readonly scene: Scene;
  readonly file: string;
  readonly #sink: EventEmitter;
  readonly #owner: AsyncDisposableStack;

  private constructor(
    scene: Scene,
    file: string,
    sink: EventEmitter,
    owner: AsyncDisposableStack,
  ) {
    this.scene = scene;
    this.file = file;
    this.#sink = sink;
    this.#owner = owner;
  }

  static async open(
    options: AccessOptions,
    list?: { tokens?: Record<string, string[]>; certificates?: unknown[] },
  ): Promise<Guarded> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    const file = folder.join("access.json");
    if (list) await writeFile(file, accessFile(list));
    const logged: string[] = [];
    const sink = new EventEmitter();
    const log = openLog({
      write: (line) => {
        logged.push(line);
        sink.emit("line");
      },
    });
    const guards = list ? { ...options, access: file } : options;
    const access = owner.use(await openAccess(guards, "127.0.0.1:0", log));
    const scene = owner.use(await Scene.open({}, undefined, { access, log, logged }));
    return new Guarded(scene, file, sink, owner.move());
  }

  /** Waits until the log has said something so many times. */
  async said(text: string, times = 1): Promise<void> {
    const count = () => this.scene.logged.filter((line) => line.includes(text)).length;
    while (count() < times) await inTime(once(this.#sink, "line"), `the log says "${text}"`);
  }

  /** What a call of these credentials comes to: "ok", or the code of its error. */
  async call(
    method: "list" | "train" | "delete",
    { token, channel = credentials.createInsecure() }: {
      token?: string;
      channel?: ChannelCredentials;
    } = {},
  ): Promise<string> {
    const { address } = this.scene.server;
    const options = { "grpc.ssl_target_name_override": "localhost" };
    const jobs = contract.connect("tinct.v1.TrainingJobService", address, channel, options);
    const trains = contract.connect("tinct.v1.ColorizationService", address, channel, options);
    const metadata = new Metadata();
    if (token !== undefined) metadata.set("authorization", token);
    const ended = await ending<unknown>((back) => {
      const deadline = { deadline: Date.now() + 10_000 };
      if (method === "list") return jobs.listTrainingJobs({}, metadata, deadline, back);
      if (method === "train") {
        return trains.train({ dataset: "meadow" }, metadata, deadline, back);
      }
      return jobs.deleteTrainingJob({ jobId: "job-none" }, metadata, deadline, back);
    });
    jobs.close();
    trains.close();
    return "error" in ended ? `${ended.error.code}: ${ended.error.message}` : "ok";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owner[Symbol.asyncDispose]();
  }
}

function accessFile(
  { tokens = {}, certificates = [] }: {
    tokens?: Record<string, string[]>;
    certificates?: unknown[];
  },
): string {
  const entries = Object.entries(tokens).map(([token, scopes]) => ({
    name: `holder of ${token.length}`,
    sha256: createHash("sha256").update(token).digest("hex"),
    scopes,
  }));
  return JSON.stringify({ tokens: entries, certificates });
}

function tls(ca: string, client?: string): ChannelCredentials {
  const read = (name: string) => readFileSync(pem(name));
  return client === undefined
    ? credentials.createSsl(read(`${ca}.crt`))
    : credentials.createSsl(read(`${ca}.crt`), read(`${client}.key`), read(`${client}.crt`));
}

Deno.test("every call has a scope of its own", () => {
  const own = ["ColorizationService", "TrainingJobService", "ModelService", "DatasetService"];
  const services = [
    ...[...own, "SweepService", "WeightsService"].map((name) => `tinct.v1.${name}`),
    "inference.GRPCInferenceService",
  ];
  const paths = services.flatMap((name) =>
    Object.values(contract.service(name as "tinct.v1.ModelService")).map(({ path }) => path)
  );
  const needsAdmin = paths.filter((path) => scopeOf(path) === "admin");
  assert.deepEqual(needsAdmin.map((path) => path.split("/").at(-1)).toSorted(), [
    "DeleteDataset",
    "DeleteModel",
    "DeleteSweep",
    "DeleteTrainingJob",
    "DeleteWeights",
    "ImportModel",
    "PromoteCheckpoint",
    "RepositoryModelLoad",
    "RepositoryModelUnload",
  ]);
  const inference = (method: string) => scopeOf(`/inference.GRPCInferenceService/${method}`);
  assert.deepEqual(
    ["ModelInfer", "ModelStreamInfer", "ServerLive", "ModelReady", "ModelConfig"].map(inference),
    ["colorize", "colorize", "read", "read", "admin"],
  );
  assert.equal(scopeOf("/tinct.v1.ColorizationService/__proto__"), "admin");
});

Deno.test("a token lets in whom the list names, for what it names, and nobody else", async () => {
  const tokens = {
    "secret-reader": ["read"],
    "secret-trainer": ["read", "train"],
    boss: ["admin"],
  };
  await using guarded = await Guarded.open({}, { tokens });
  const bearer = (token: string) => ({ token: `Bearer ${token}` });
  assert.equal(await guarded.call("list", bearer("secret-reader")), "ok");
  assert.equal(await guarded.call("train", bearer("secret-trainer")), "ok");
  assert.match(await guarded.call("delete", bearer("boss")), /^NOT_FOUND/);
  assert.match(
    await guarded.call("train", bearer("secret-reader")),
    /^PERMISSION_DENIED: \S+\/Train needs the scope "train", and holder of 13 has read/,
  );
  assert.match(await guarded.call("delete", bearer("secret-trainer")), /^PERMISSION_DENIED/);
  assert.match(await guarded.call("list"), /^UNAUTHENTICATED: This server requires a token/);
  for (const token of ["Bearer secret-reade", "Bearer secret-reader2", "Bearer", "Basic boss"]) {
    assert.match(
      await guarded.call("list", { token }),
      /^UNAUTHENTICATED: This server does not know the token/,
    );
  }
  const health = await ending((back) => guarded.scene.health.check({}, back));
  assert.ok("ok" in health, "health checks need no token");
  const { jobs } = await guarded.scene.store.jobs.list();
  assert.equal(jobs.length, 1, "what was refused did nothing");
  for (const token of Object.keys(tokens)) {
    assert.ok(!guarded.scene.logged.join("").includes(token), "a token is in the log");
  }
});

Deno.test("a token that is struck off the list is refused as soon as the file was read anew", async () => {
  await using guarded = await Guarded.open({}, { tokens: { old: ["read"] } });
  const call = (token: string) => guarded.call("list", { token: `Bearer ${token}` });
  assert.equal(await call("old"), "ok");
  await writeFile(guarded.file, "no JSON");
  await guarded.said("cannot be used");
  assert.equal(await call("old"), "ok", "a file that does not fit changes nothing");
  await writeFile(guarded.file, accessFile({ tokens: { fresh: ["read"] } }));
  await guarded.said("The access list was read again.");
  assert.equal(await call("fresh"), "ok");
  assert.match(await call("old"), /^UNAUTHENTICATED/);
});

Deno.test("TLS: a client that trusts the server's authority gets through, others do not", async () => {
  await using guarded = await Guarded.open(serverTls);
  assert.equal(await guarded.call("list", { channel: tls("authority") }), "ok");
  assert.match(await guarded.call("list", { channel: tls("stranger") }), /^UNAVAILABLE/);
  assert.match(await guarded.call("list"), /^UNAVAILABLE|^INTERNAL|^DEADLINE/, "plain HTTP/2");
  assert.equal(await guarded.call("list", { channel: tls("authority") }), "ok");
});

Deno.test("mutual TLS: a certificate is needed, and its name may stand for a token", async () => {
  const certificates = [{ name: "dash", commonName: "dashboard", scopes: ["read"] }];
  const guards = { ...serverTls, tlsClientCa: pem("authority.crt") };
  await using guarded = await Guarded.open(guards, { tokens: { t: ["train"] }, certificates });
  const client = { channel: tls("authority", "client") };
  assert.equal(await guarded.call("list", client), "ok");
  assert.match(await guarded.call("train", client), /^PERMISSION_DENIED: .* and dash has read/);
  assert.equal(await guarded.call("train", { ...client, token: "Bearer t" }), "ok");
  assert.match(await guarded.call("list", { channel: tls("authority") }), /^UNAVAILABLE/);
  assert.match(
    await guarded.call("list", { channel: tls("authority", "foreign") }),
    /^UNAVAILABLE/,
    "the same name of another authority",
  );
  assert.equal(await guarded.call("list", client), "ok");
});

Deno.test("a renewed certificate is used from the next connection on", async () => {
  await using folder = await TemporaryFolder.create();
  const [tlsCert, tlsKey] = [folder.join("tls.crt"), folder.join("tls.key")];
  const put = async (name: string) => {
    await writeFile(tlsKey, await readFile(pem(`${name}.key`)));
    await writeFile(tlsCert, await readFile(pem(`${name}.crt`)));
  };
  await put("server");
  await using guarded = await Guarded.open({ tlsCert, tlsKey });
  const port = Number(guarded.scene.server.address.split(":").at(-1));
  const peer = () =>
    new Promise<string>((resolve, reject) => {
      const ca = readFileSync(pem("authority.crt"));
      const options = { port, host: "127.0.0.1", servername: "localhost", ca };
      const socket = connect({ ...options, ALPNProtocols: ["h2"] }, () => {
        resolve(String(socket.getPeerCertificate().subject.CN));
        socket.destroy();
      });
      socket.once("error", reject);
    });
  assert.equal(await peer(), "server");
  await put("renewed");
  await guarded.said("The certificates were read again.");
  if (await peer() !== "renewed server") {
    // Key and certificate are two files: what was read between them was refused, and is read again.
    await guarded.said("The certificates were read again.", 2);
    assert.equal(await peer(), "renewed server");
  }
  assert.equal(await guarded.call("list", { channel: tls("authority") }), "ok");
});

Deno.test("guards that do not fit are refused before the server listens", async () => {
  await using folder = await TemporaryFolder.create();
  const file = folder.join("access.json");
  const log = openLog({ write: () => {} });
  const open = (options: AccessOptions, address = "127.0.0.1:0") =>
    openAccess(options, address, log);
  const refused: [AccessOptions, string, RegExp][] = [
    [{ tlsCert: pem("server.crt") }, "127.0.0.1:0", /needs a certificate and its key: give both/],
    [{ tlsClientCa: pem("authority.crt") }, "127.0.0.1:0", /give the server's certificate/],
    [{ ...serverTls, tlsKey: pem("client.key") }, "127.0.0.1:0", /not a certificate with its key/],
    [{}, "0.0.0.0:50051", /^Other machines can reach 0\.0\.0\.0:50051.*--insecure/],
    [{}, "[::]:50051", /can reach/],
    [{}, "myhost:50051", /can reach/],
  ];
  for (const [options, address, pattern] of refused) {
    await assert.rejects(open(options, address), failsWith("invalid_argument", pattern));
  }
  await assert.rejects(
    open({ access: file }),
    failsWith("not_found", /access\.json does not exist\.$/),
  );
  const files: [unknown, RegExp][] = [
    [[], /it must be an object/],
    [{ tokens: {} }, /tokens must be an array of objects/],
    [{ tokens: [{ name: "a", scopes: ["read"], sha256: "abc" }] }, /tokens\[0\]\.sha256 must/],
    [{ certificates: [{ name: "a", commonName: "a", scopes: ["fly"] }] }, /scopes must be among/],
    [{ certificates: [{ name: "", commonName: "a", scopes: ["read"] }] }, /\.name must be a text/],
  ];
  for (const [text, pattern] of files) {
    await writeFile(file, JSON.stringify(text));
    await assert.rejects(open({ access: file }), failsWith("invalid_argument", pattern));
  }
  using _said = await open({ insecure: true }, "0.0.0.0:0");
  using _guarded = await open(serverTls, "0.0.0.0:0");
  const local = ["127.0.0.1:1", "127.9.9.9:1", "localhost:1", "[::1]:1", "unix:/a/b"];
  assert.deepEqual(local.map(isLocal), local.map(() => true));
  assert.deepEqual(["127.0.0.1.evil.org:1", "0.0.0.0:1", "10.0.0.1:1"].map(isLocal), [
    false,
    false,
    false,
  ]);
});

Deno.test("the command line makes tokens and sends them, over TLS to other machines alone", async () => {
  await using guarded = await Guarded.open(serverTls, { tokens: {} });
  const made = await runKeptTinct([
    "token",
    "ci",
    "--access",
    guarded.file,
    "--scopes",
    "read,train",
  ]);
  assert.equal(made.code, 0, made.stderr);
  const token = made.stdout.trim();
  assert.match(token, /^tinct_[\w-]{43}$/);
  const text = await readFile(guarded.file, "utf8");
  assert.ok(!text.includes(token));
  assert.deepEqual(
    JSON.parse(text).tokens.map(({ name, scopes }: { name: string; scopes: string }) => ({
      name,
      scopes,
    })),
    [
      { name: "ci", scopes: ["read", "train"] },
    ],
  );
  const server = ["--server", guarded.scene.server.address.replace("127.0.0.1", "localhost")];
  const jobs = () =>
    runKeptTinct(["jobs", ...server, "--ca", pem("authority.crt")], {
      environment: { TINCT_TOKEN: token },
    });
  await guarded.said("The access list was read again.");
  const listed = await jobs();
  assert.equal(listed.code, 0, listed.stderr);
  const without = await runKeptTinct(["jobs", ...server, "--ca", pem("authority.crt")]);
  assert.match(without.stderr, /requires a token.*\. Name the file .* as --token-file, or put/);
  const health = await runKeptTinct(["health", ...server, "--ca", pem("authority.crt")]);
  assert.deepEqual([health.code, health.stdout], [0, "SERVING\n"]);
  const clear = await runKeptTinct(["jobs", "--server", "example.org:1"], {
    environment: { TINCT_TOKEN: token },
  });
  assert.match(clear.stderr, /would travel to example\.org:1 unencrypted: give --tls or --ca/);
  const scope = await runKeptTinct(["token", "ci", "--access", guarded.file, "--scopes", "fly"]);
  assert.match(scope.stderr, /"fly" is no scope; there are read, train, colorize, admin/);
});

Deno.test("an upload of weights goes on also with a token that may train alone", async () => {
  await using guarded = await Guarded.open({}, { tokens: { trainer: ["train"] } });
  const { scene } = guarded;
  const file = scene.join("large.pth");
  await writeFile(file, new Uint8Array(3 * MAX_PIECE_BYTES));
  await mkdir(scene.join("weights", "large"), { recursive: true });
  await writeFile(scene.join("weights", "large", "unfinished"), new Uint8Array(MAX_PIECE_BYTES));
  using client = new ServiceClient({ server: scene.server.address }, { token: "trainer" });
  const sent: number[] = [];
  const uploading = uploadWeights(client, {
    name: "large",
    path: file,
    signal: new AbortController().signal,
    onProgress: (bytes) => sent.push(bytes / MAX_PIECE_BYTES),
  });
  await assert.rejects(uploading, failsWith("invalid_argument", /weights large/)); // all are zeros
  assert.deepEqual(sent, [2, 3]);
});
