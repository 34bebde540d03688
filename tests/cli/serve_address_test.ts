import assert from "assert";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { runKeptTinct } from "./run_tinct.ts";

Deno.test("serve asks for HOST:PORT where --listen is no address, and says nothing of TLS", async (t) => {
  await using folder = await TemporaryFolder.create();
  for (
    const address of ["50077", "localhost", "127.0.0.1:99999", "http://127.0.0.1:50077", "unix:"]
  ) {
    await t.step(address, async () => {
      const { code, stderr } = await runKeptTinct(
        ["serve", "--data-dir", folder.join("data"), "--listen", address],
        { environment: { TINCT_TENSORFLOW: folder.join("nowhere") } }, // it is not looked for
      );
      assert.equal(code, 2, stderr);
      assert.match(
        stderr,
        /is not an address to listen on: give HOST:PORT, such as 127\.0\.0\.1:50051/,
      );
      assert.doesNotMatch(stderr, /TLS|insecure/);
    });
  }
});
