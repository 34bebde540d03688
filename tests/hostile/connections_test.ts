import assert from "assert";
import { inTime } from "../in_time.ts";
import { Besieged } from "./besieged.ts";
import { message, OddClient } from "./odd_call.ts";
import { END_HEADERS, frame, frames, headersOf, HELLO, RawPeer } from "./raw_peer.ts";

const upload = "/tinct.v1.DatasetService/UploadDataset";
const train = "/tinct.v1.ColorizationService/Train";

Deno.test("what is no HTTP/2 is closed, and what is cut leaves nothing behind", async (t) => {
  await using server = await Besieged.open(["--hello-seconds", "1"]);
  // What a first attack opens for good, such as a log's file, is there before files are counted.
  await server.attack("nothing", () => Promise.resolve());
  const filesBefore = await server.openFiles();

  const openings: readonly (readonly [what: string, bytes: Buffer])[] = [
    ["HTTP/1.1", Buffer.from(`POST ${train} HTTP/1.1\r\nHost: tinct\r\n\r\n`)],
    ["an upgrade", Buffer.from("GET / HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n")],
    ["TLS where none is spoken", Buffer.from("16030100f8010000f40303", "hex")],
    ["noise", Buffer.alloc(10_000, 0xa5)],
    ["nothing", Buffer.alloc(0)],
    ["half a greeting", HELLO.subarray(0, 10)],
    ["a greeting, then noise", Buffer.concat([HELLO, Buffer.alloc(10_000, 0xa5)])],
    [
      "a frame that claims 16 MB",
      Buffer.concat([
        HELLO,
        frame(frames.settings, 0, 0),
        frame(frames.headers, END_HEADERS, 1, headersOf(upload)),
        frame(frames.data, 0, 1, Buffer.alloc(100), 0xffffff),
      ]),
    ],
  ];
  for (const [what, bytes] of openings) {
    await t.step(what, async () => {
      await server.attack(what, async (address) => {
        using peer = await RawPeer.dial(address);
        peer.write(bytes);
        await peer.closed;
      });
    });
  }

  await t.step("200 sockets cut in the middle of a message", async () => {
    await server.attack("cut", async (address) => {
      for (let index = 0; index < 200; index++) {
        using peer = await RawPeer.greet(address);
        const half = message(Buffer.alloc(1000), { length: 100_000 });
        peer.write(
          frame(frames.headers, END_HEADERS, 1, headersOf(index % 2 === 0 ? train : upload)),
          frame(frames.data, 0, 1, half),
        );
        // Half of them only once the server has taken it in: it answers with its settings.
        if (index % 4 < 2 && peer.received.length === 0) {
          const answered = new Promise((resolve) => peer.socket.once("data", resolve));
          await inTime(Promise.race([answered, peer.closed]), `connection ${index} is answered`);
          assert.ok(peer.isOpen, `connection ${index} was refused`);
        }
      }
    }, { growthMib: 128 }); // Deno's HTTP/2 leaks 25 KB a connection; docs/settings.md
  });

  await t.step("and no descriptor is left open", async () => {
    // Closing takes its turns; what leaks stays.
    for (let tries = 0; await server.openFiles() > filesBefore && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const files = await server.openFiles();
    assert.ok(files <= filesBefore, `${files} files are open, and ${filesBefore} were`);
  });
});

Deno.test("who owes a message for too long loses the call, and leaves nothing behind", async (t) => {
  await using server = await Besieged.open(["--deadline-seconds", "1"]);
  for (const path of [upload, train, "/tinct.v1.ColorizationService/ColorizeStream"]) {
    await t.step(`half-open ${path}`, async () => {
      await server.attack(path, async (address) => {
        await using client = new OddClient(address);
        const { code, message: said } = await client.call({
          path,
          body: new Uint8Array(),
          halfOpen: true,
        });
        assert.equal(code, "DEADLINE_EXCEEDED", said);
        assert.match(said, /sent nothing for 1 s/);
      });
    });
  }

  await t.step("an upload that stops in the middle of a file", async () => {
    const name = "meadow";
    // UploadDatasetRequest: start { dataset = 1 } is field 1, piece { file_name = 1, data = 4 } ...
    const start = Buffer.from([0x0a, 2 + name.length, 0x0a, name.length, ...Buffer.from(name)]);
    await server.attack("half an upload", async (address) => {
      await using client = new OddClient(address);
      const { code } = await client.call({ path: upload, body: message(start), halfOpen: true });
      assert.equal(code, "DEADLINE_EXCEEDED");
    });
  });
});

Deno.test("idle connections are bounded, closed in time, and cost other clients little", async (t) => {
  await using server = await Besieged.open([
    ...[
      "--max-connections-per-address",
      "3000",
      "--max-new-connections",
      "5000",
      "--max-idle-seconds",
      "3",
    ],
  ]);
  await t.step("2,000 of them, past 2,048 in all refused, and all closed at last", async () => {
    const { calls, longestMs } = await server.attack("idle", async (address) => {
      const peers: RawPeer[] = [];
      for (let index = 0; index < 2200; index++) peers.push(await RawPeer.greet(address));
      await Promise.all(peers.map(({ closed }) => closed));
    }, { growthMib: 400 });
    assert.ok(calls > 10 && longestMs < 10_000, `${calls} calls, the longest ${longestMs} ms`);
  });
});

Deno.test("one address may hold 256 connections, and its others are refused", async () => {
  await using server = await Besieged.open([
    "--max-idle-seconds",
    "600",
    "--max-new-connections",
    "1000",
  ]);
  await server.attack("many", async (address) => {
    const peers: RawPeer[] = [];
    for (let index = 0; index < 300; index++) peers.push(await RawPeer.greet(address));
    // The bystander's connection and perhaps one that is just going are of the same address.
    await Promise.all(peers.slice(256).map(({ closed }) => closed));
    const open = peers.filter(({ isOpen }) => isOpen).length;
    assert.ok(open >= 250 && open <= 256, `${open} are open`);
    for (const peer of peers) peer[Symbol.dispose]();
  });
});
