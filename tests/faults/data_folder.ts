import { openSqliteStore } from "../../src/stores/sqlite/open_store.ts";
import { parseServiceSettings } from "../../src/config/service.ts";
import { openLog } from "../../src/log/log.ts";
import { openDatasetFolders, startServer } from "../../src/server/server.ts";
import { join } from "node:path";
import { StoreWorkforce } from "../service/store_workforce.ts";
import { credentials } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";

const contract = loadPublicContract();

/** A server without workers on a data folder that outlives it, and its clients. */
export async function serveFolder(dataFolder: string) {
  await using owner = new AsyncDisposableStack();
  const store = owner.use(await openSqliteStore(join(dataFolder, "tinct.db")));
  const server = owner.use(
    await startServer({
      address: "127.0.0.1:0",
      dataFolder,
      datasets: await openDatasetFolders(store, dataFolder),
      store,
      workforce: owner.use(new StoreWorkforce(store)),
      settings: parseServiceSettings({ minFreeMib: 0, drainSeconds: 0 }),
      log: openLog({ write: () => {} }),
    }),
  );
  const plain = credentials.createInsecure();
  const connect = <N extends Parameters<typeof contract.connect>[0]>(name: N) => {
    const client = contract.connect(name, server.address, plain);
    owner.defer(() => client.close());
    return client;
  };
  const all = {
    store,
    colorization: connect("tinct.v1.ColorizationService"),
    jobs: connect("tinct.v1.TrainingJobService"),
    models: connect("tinct.v1.ModelService"),
    datasets: connect("tinct.v1.DatasetService"),
  };
  const owned = owner.move();
  return { ...all, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

/** What `serveFolder` gives. */
export type ServedFolder = Awaited<ReturnType<typeof serveFolder>>;
