import assert from "assert";
import { type AddressInfo, createServer } from "node:net";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { existsSync } from "node:fs";
import { once } from "node:events";
import { keepToLoopback } from "../../src/tensorflow/loopback_listener.ts";
import { failsWith } from "../checkpoints/small_run.ts";

Deno.test({
  name: "keepToLoopback() binds a listening port to the loopback device",
  // `ss` tells what a socket is bound to; not every system has it.
  ignore: !["/usr/bin/ss", "/bin/ss", "/usr/sbin/ss"].some(existsSync),
  fn: async () => {
    const server = createServer().listen(0, "0.0.0.0");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const listening = async () =>
      (await promisify(execFile)("ss", ["-Hltn", `sport = :${port}`])).stdout;
    try {
      assert.match(await listening(), new RegExp(`0\\.0\\.0\\.0:${port} `));
      keepToLoopback(port);
      assert.match(await listening(), new RegExp(`0\\.0\\.0\\.0%lo:${port} `));
    } finally {
      server.close();
      await once(server, "close");
    }
    assert.throws(
      () => keepToLoopback(port),
      failsWith("failed_precondition", /cannot be limited/),
    );
  },
});
