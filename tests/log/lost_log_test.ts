import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { SmallDisk } from "../checkpoints/small_disk.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { freePort } from "../free_port.ts";
import { until } from "../in_time.ts";
import { fullPipe, tinct } from "../terminal/output/shell.ts";

/** Speaks HTTP/1.1, for which the server cuts the connection and writes a line; waits for that. */
async function annoy(port: number): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // cut while it was still sending
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await new Promise((resolve) => socket.resume().once("close", resolve));
}

/** Serves with stderr led to a path, until `use` is done; returns the exit code. */
async function serveInto(
  path: string,
  folder: TemporaryFolder,
  use: (port: number) => Promise<void>,
): Promise<number | null> {
  const port = await freePort();
  const words = ["--data-dir", folder.join("data"), "--listen", `127.0.0.1:${port}`];
  const child = spawn("sh", ["-c", `exec ${tinct("serve", ...words)} 2>>${path}`], {
    stdio: ["ignore", "ignore", "ignore"],
  });
  const closed = once(child, "close");
  await until(() => {
    assert.equal(child.exitCode, null, "the server ended");
    return accepts(port);
  }, "the server accepts connections");
  await use(port);
  if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
  const [code] = await closed;
  return code;
}

/** Adds to a file until the disk takes no more. */
async function fill(path: string): Promise<void> {
  await using file = await open(path, "a");
  const full = async (piece: string) => {
    try {
      for (;;) await file.write(piece);
    } catch (error) {
      assert.match(String(error), /ENOSPC|No space/);
    }
  };
  await full(`${"-".repeat(4095)}\n`);
  await full("\n");
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

Deno.test("a server whose log has no room from the start serves and stops in good order", async () => {
  await using folder = await TemporaryFolder.create();
  assert.equal(await serveInto("/dev/full", folder, annoy), 0);
});

Deno.test("a server whose log is a pipe that nobody reads serves and stops in good order", async () => {
  await using folder = await TemporaryFolder.create();
  await using _pipe = await fullPipe(folder.join("pipe"));
  assert.equal(await serveInto(folder.join("pipe"), folder, annoy), 0);
});

Deno.test("a server whose log's disk fills up goes on, and says how much was lost once there is room", async (t) => {
  await using folder = await TemporaryFolder.create();
  await using disk = await SmallDisk.mount(folder.join("disk"), 65536);
  await t.step({
    name: "on a file system of 64 KiB (mounting one takes root on Linux)",
    ignore: disk === undefined,
    fn: async () => {
      assert.ok(disk);
      const [log, ballast] = [`${disk.path}/log`, `${disk.path}/ballast`];
      const code = await serveInto(log, folder, async (port) => {
        // The port is open before the line is written.
        const isReady = async () => /The server is ready\./.test(await Deno.readTextFile(log));
        await until(isReady, "the log says that the server is ready");
        await fill(ballast);
        await fill(log); // its last page has some room left
        for (let times = 0; times < 3; times++) await annoy(port);
        await writeFile(ballast, "");
        await annoy(port);
      });
      assert.equal(code, 0);
      const messages = (await Deno.readTextFile(log)).match(/\{.*\}$/gm)
        ?.map((line) => JSON.parse(line)) ?? [];
      const told = messages.find(({ message }) => /^Lines of the log were lost/.test(message));
      assert.equal(told?.lines, 3);
      assert.deepEqual(messages[0]?.message, "The server is ready.");
      assert.equal(messages.at(-1)?.message, "The server has stopped.");
    },
  });
});
