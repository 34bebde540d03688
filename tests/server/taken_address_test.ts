import assert from "assert";
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { parseServiceSettings } from "../../src/config/service.ts";
import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { openLog } from "../../src/log/log.ts";
import { openDatasetFolders, startServer } from "../../src/server/server.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

Deno.test("a server whose address for browsers is taken lets go of what it has opened", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const taken = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  await using folder = await TemporaryFolder.create();
  await using store = await openSqliteStore(folder.join("tinct.db"));
  using log = openLog({ write: () => {} }, { least: "warning" });
  const socket = folder.join("grpc.sock");
  await assert.rejects(
    startServer({
      address: `unix:${socket}`,
      web: { address: taken },
      dataFolder: folder.path,
      datasets: await openDatasetFolders(store, folder.path),
      store,
      workforce: new StoreWorkforce(store),
      settings: parseServiceSettings({ minFreeMib: 0 }),
      log,
    }),
    new RegExp(`cannot listen on ${taken} for browsers`),
  );
  // Were gRPC's address still open, the program would not end.
  const { promise, resolve } = Promise.withResolvers<string>();
  const dialled = connect(socket, () => resolve("it answers")).on(
    "error",
    ({ message }) => resolve(message),
  );
  assert.match(await promise, /ENOENT|ECONNREFUSED/);
  dialled.destroy();
  other.close();
  await once(other, "close");
});
