import assert from "assert";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { credentials, Metadata, type ServiceError, status as codes } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { ServedProcess } from "../service/served_process.ts";
import { MessageFlood } from "./message_flood.ts";

const MIB = 2 ** 20;
const contract = loadPublicContract();
const colorize = "/tinct.v1.ColorizationService/Colorize";

/** A server that asks for tokens: "eve" may colorize, "ada" may do everything. */
class Guarded implements AsyncDisposable {
  readonly served: ServedProcess;
  readonly #owner: AsyncDisposableStack;
  readonly #ada;

  private constructor(served: ServedProcess, owner: AsyncDisposableStack) {
    this.served = served;
    this.#owner = owner;
    this.#ada = contract.connect(
      "tinct.v1.ColorizationService",
      served.address,
      credentials.createInsecure(),
    );
  }

  static async open(args: readonly string[] = []): Promise<Guarded> {
    await using owner = new AsyncDisposableStack();
    const folder = owner.use(await TemporaryFolder.create());
    const file = folder.join("access.json");
    const tokens = Object.entries({ eve: ["colorize"], ada: ["admin"] }).map(([name, scopes]) => ({
      name,
      scopes,
      sha256: createHash("sha256").update(name).digest("hex"),
    }));
    await writeFile(file, JSON.stringify({ tokens }));
    const all = ["--access", file, "--min-free-mib", "0", ...args];
    const served = owner.use(await ServedProcess.start(folder.join("data"), all));
    assert.notEqual(served.address, "", JSON.stringify(served.lines));
    const guarded = new Guarded(served, owner.move());
    for (let index = 0; index < 50; index++) await guarded.ask(); // warms it up
    return guarded;
  }

  /** The most resident memory the server ever had, in MiB. */
  async peakMib(): Promise<number> {
    const status = await readFile(`/proc/${this.served.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** A small call of Ada's. @returns the status of its end. */
  async ask(): Promise<number> {
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer ada");
    return await new Promise((resolve) => {
      const image = Buffer.alloc(100_000);
      const deadline = { deadline: Date.now() + 30_000 };
      this.#ada.colorize(
        { image, model: { name: "none" } },
        metadata,
        deadline,
        (error: ServiceError | null) => resolve(error?.code ?? codes.OK),
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ada.close();
    await this.#owner[Symbol.asyncDispose]();
  }
}

/** The prefix of a message of so many bytes. */
function prefixOf(length: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

/** ColorizeRequest { model: { name: "none" }, image: 15 MiB of zeros }: its first bytes. */
function bigRequest(): { messages: Buffer; zeros: number } {
  const image = 15 * MIB;
  const name = Buffer.from("none");
  const model = Buffer.concat([Buffer.from([0x0a, name.length]), name]);
  const size: number[] = [];
  for (let rest = image; rest > 0; rest = Math.floor(rest / 128)) {
    size.push(rest >= 128 ? 128 + rest % 128 : rest);
  }
  const { image: imageField, model: modelField } = fields;
  const head = Buffer.concat([
    Buffer.from([modelField << 3 | 2, model.length]),
    model,
    Buffer.from([imageField << 3 | 2, ...size]),
  ]);
  return { messages: Buffer.concat([prefixOf(head.length + image), head]), zeros: image };
}

/** Numbers of ColorizeRequest's fields. */
const fields = { image: 1, model: 2 };

function tally(floods: readonly MessageFlood[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of floods.flatMap(({ statuses }) => statuses)) {
    const name = codes[code] ?? "reset";
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** 240 calls over four connections, with what other clients met meanwhile. */
async function flood(server: Guarded, headers: Record<string, string>) {
  const floods = await Promise.all(
    Array.from({ length: 4 }, () => MessageFlood.open(server.served.address)),
  );
  const over = new AbortController();
  const others: number[] = [];
  const asking = (async () => {
    while (!over.signal.aborted) others.push(await server.ask());
  })();
  try {
    for (const each of floods) each.begin(60, { path: colorize, headers, ...bigRequest() });
    await Promise.all(floods.map((each) => each.ended(60)));
    return {
      counts: tally(floods),
      sentBytes: floods.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
      others,
    };
  } finally {
    over.abort();
    await asking;
    for (const each of floods) each[Symbol.dispose]();
  }
}

Deno.test("240 Colorize calls of 15 MiB without a token are refused before their messages are taken", async () => {
  await using server = await Guarded.open();
  const before = await server.peakMib();
  const { counts, sentBytes, others } = await flood(server, {});
  assert.deepEqual(counts, { UNAUTHENTICATED: 240 });
  // What HTTP/2 lets a client send before it hears anything: two windows a call at most.
  assert.ok(sentBytes < 240 * 2 * 65_536, `${sentBytes} bytes were taken`);
  assert.deepEqual(new Set(others), new Set([codes.NOT_FOUND]), "another client's calls");
  const grown = await server.peakMib() - before;
  // It grew by 3,427 MiB; its young heap alone may take 64, see `Besieged.attack`.
  assert.ok(grown < 96, `the server grew by ${grown.toFixed(0)} MiB`);
});

Deno.test("240 Colorize calls of 15 MiB with a token are held within the budget, others go on", async () => {
  await using server = await Guarded.open();
  const { counts, others } = await flood(server, { authorization: "Bearer eve" });
  const { NOT_FOUND = 0, RESOURCE_EXHAUSTED = 0 } = counts;
  assert.equal(NOT_FOUND + RESOURCE_EXHAUSTED, 240, JSON.stringify(counts));
  assert.ok(NOT_FOUND > 0);
  assert.deepEqual(new Set(others), new Set([codes.NOT_FOUND]), "another client's calls");
  const peak = await server.peakMib();
  assert.ok(peak < 477, `the server came to ${peak.toFixed(0)} MiB`); // 500 MB
});
