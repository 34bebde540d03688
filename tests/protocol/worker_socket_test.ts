import assert from "assert";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { loadWorkerContract } from "../../src/protocol/contract.ts";
import type { WorkRequest } from "../../src/protocol/generated/tinct/worker/v1/work_request.ts";
import { MAX_PIECE_BYTES } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { unixEndpoint } from "../../src/protocol/worker_endpoint.ts";
import { dialServer, listenForWorkers, sendToWorker } from "../../src/protocol/worker_socket.ts";

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
  const endpoint = unixEndpoint(folder.join("workers.sock"));
  const heard = Promise.withResolvers<Buffer | undefined>();
  await using _socket = await listenForWorkers(endpoint, (call) => {
    call.on("error", () => {}); // the worker is gone at the end
    receive(call).next().then(({ value }) => heard.resolve(value?.result?.data), heard.reject);
  });
  const data = crypto.getRandomValues(new Uint8Array(65_536)).slice();
  const file = Buffer.concat(Array<Uint8Array>(MAX_PIECE_BYTES / 65_536).fill(data));

  const once = countedPiece(file);
  const contract = loadWorkerContract();
  contract.check("tinct.worker.v1.WorkRequest", once.message);
  contract.service("tinct.worker.v1.WorkerService").Work.requestSerialize(once.message);

  using server = dialServer(endpoint);
  server.call.on("error", () => {});
  const sent = countedPiece(file);
  server.send(sent.message);
  assert.ok(file.equals(await heard.promise ?? Buffer.alloc(0)));
  assert.equal(sent.looks, once.looks);
});

Deno.test("workers dial a server elsewhere by TLS, and nowhere in the clear", async () => {
  const pem = (name: string) => readFile(new URL(`../testdata/tls/${name}`, import.meta.url));
  const tls = { cert: await pem("server.crt"), key: await pem("server.key"), clientCa: undefined };
  const steps: number[] = [];
  const heard = Promise.withResolvers<void>();
  await using socket = await listenForWorkers({ address: "localhost:0", tls }, (call) => {
    call.on("error", () => {});
    const talk = async () => {
      for await (const { finished } of receive(call)) {
        steps.push(finished?.step ?? NaN);
        sendToWorker(call, { stop: {} });
        heard.resolve();
      }
    };
    talk().catch(heard.reject);
  });
  const { address } = socket;
  assert.match(address, /^localhost:[1-9]\d*$/);
  using server = dialServer({ address, tls: { authority: `${await pem("authority.crt")}` } });
  server.call.on("error", () => {});
  server.send({ finished: { outcome: "OUTCOME_STOPPED", step: 7 } });
  await heard.promise;
  const { value } = await receive(server.call).next();
  assert.deepEqual([steps, value?.message], [[7], "stop"]);

  using stranger = dialServer({ address, tls: { authority: `${await pem("stranger.crt")}` } });
  const failed = once(stranger.call, "error");
  stranger.call.resume();
  const [error] = await failed;
  assert.equal(error.code, 14, "its certificate is no server's of ours");
  assert.throws(() => dialServer({ address }), /Workers are reached at .* by TLS alone/);
  await assert.rejects(
    listenForWorkers({ address: "localhost:0" }, () => {}),
    /Workers are reached at localhost:0 by TLS alone/,
  );
});
