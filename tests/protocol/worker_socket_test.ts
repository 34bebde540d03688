import assert from "assert";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { loadWorkerContract } from "../../src/protocol/contract.ts";
import type { WorkRequest } from "../../src/protocol/generated/tinct/worker/v1/work_request.ts";
import { MAX_PIECE_BYTES } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { dialServer, listenForWorkers } from "../../src/protocol/worker_socket.ts";

/** A piece of a picture that counts how often its bytes are looked at. */
function countedPiece(data: Uint8Array): { readonly message: WorkRequest; readonly looks: number } {
  let looks = 0;
  const result = {
    photoId: 1,
    last: true,
    get data() {
      looks++;
      return data;
    },
  };
  return {
    message: { result },
    get looks() {
      return looks;
    },
  };
}

Deno.test("each message of a worker is checked and encoded once, and arrives whole", async () => {
  await using folder = await TemporaryFolder.create();
  const heard = Promise.withResolvers<Buffer | undefined>();
  await using _socket = await listenForWorkers(folder.join("workers.sock"), (call) => {
    call.on("error", () => {}); // the worker is gone at the end
    receive(call).next().then(({ value }) => heard.resolve(value?.result?.data), heard.reject);
  });
  const data = crypto.getRandomValues(new Uint8Array(65_536)).slice();
  const file = Buffer.concat(Array<Uint8Array>(MAX_PIECE_BYTES / 65_536).fill(data));

  const once = countedPiece(file);
  const contract = loadWorkerContract();
  contract.check("tinct.worker.v1.WorkRequest", once.message);
  contract.service("tinct.worker.v1.WorkerService").Work.requestSerialize(once.message);

  using server = dialServer(folder.join("workers.sock"));
  server.call.on("error", () => {});
  const sent = countedPiece(file);
  server.send(sent.message);
  assert.ok(file.equals(await heard.promise ?? Buffer.alloc(0)));
  assert.equal(sent.looks, once.looks);
});
