import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { inTime, until } from "../in_time.ts";

const program = fileURLToPath(new URL("tight_http_listener.ts", import.meta.url));

/** Whether a request on a connection of its own is answered within a second. */
async function isAnswered(url: string): Promise<boolean> {
  const request = get(url, { agent: false, signal: AbortSignal.timeout(1000) });
  try {
    const [answer] = await once(request, "response") as [IncomingMessage];
    return await text(answer) === "here";
  } catch {
    return false;
  }
}

Deno.test("an HTTP address that was out of descriptors once accepts again", async () => {
  const command = `ulimit -n 100 && exec ${Deno.execPath()} run -A --no-check ${program}`;
  const child = spawn("sh", ["-c", command], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => said += text);
  const lines = createInterface({ input: child.stdout });
  const exited = once(child, "exit");
  try {
    const [address] = await inTime(once(lines, "line"), "it listens");
    const url = `http://${address}/`;
    await until(() => isAnswered(url), "it answers");
    const port = Number(address.split(":")[1]);
    // The system takes them all; the program has descriptors for some 75.
    const idle = await Promise.all(Array.from({ length: 150 }, async (): Promise<Socket> => {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      return socket;
    }));
    assert.equal(await isAnswered(url), false, "there was a descriptor left");
    for (const socket of idle) socket.destroy();
    await until(() => isAnswered(url), "it accepts again");
    // Where Deno went on by itself nothing had to be opened; up to 2.9.3 it does not.
    if (said !== "") assert.match(said, /The port for tests accepted no connection any more/);
  } finally {
    child.kill("SIGKILL");
    await exited;
    lines.close();
  }
});
