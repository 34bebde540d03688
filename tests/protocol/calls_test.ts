import assert from "assert";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type ServiceError, status as codes } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import { TinctError } from "../../src/errors.ts";
import { memberOf } from "../../src/protocol/one_of.ts";
import { MAX_PIECE_BYTES, piecesOf } from "../../src/protocol/pieces.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import type { ColorizationServiceHandlers } from "../../src/protocol/generated/tinct/v1/colorization_service.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { insecure, Served, TRANSPORTS } from "./served.ts";

const contract = loadPublicContract();
const service = "tinct.v1.ColorizationService";

const refuse = (_call: unknown, answer: (error: { code: number }) => void) =>
  answer({ code: codes.UNIMPLEMENTED });

/** Handlers of a test: those it gives, and refusals for the rest. */
function handlersOf(given: Partial<ColorizationServiceHandlers>): ColorizationServiceHandlers {
  return {
    Train: refuse,
    Colorize: refuse,
    StreamMetrics: (call) => call.end(),
    ColorizeStream: (call) => call.end(),
    ColorizeInPieces: (call) => call.end(),
    ColorizeFrames: (call) => call.end(),
    ...given,
  };
}

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Bytes that no two offsets share for long, so that a lost or doubled part shows. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0, state = 1; at + 4 <= size; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes.writeUInt32LE(state, at);
  }
  return bytes;
}

for (const transport of TRANSPORTS) {
  Deno.test(`Colorize carries 10 MB there and back over ${transport}`, async () => {
    const handlers = handlersOf({
      Colorize: ({ request: { image, model, saturation } }, answer) => {
        const source = model === null ? undefined : memberOf(model, "source");
        assert.deepEqual(source, { kind: "name", value: "portraits" });
        assert.equal(saturation, undefined, "an optional field that was not sent stays absent");
        answer(null, { image, format: "IMAGE_FORMAT_JPEG", width: 4000, height: 3000 });
      },
    });
    const limits = { "grpc.max_receive_message_length": 16 * 1024 * 1024 };
    await using served = await Served.start(
      transport,
      (server) => contract.serve(server, service, handlers),
      limits,
    );
    const client = contract.connect(service, served.address, insecure(), limits);
    const image = noise(10_000_000);
    const answered = Promise.withResolvers<ColorizeResponse__Output>();
    client.colorize({ image, model: { name: "portraits" } }, (error, response) => {
      if (response) answered.resolve(response);
      else answered.reject(error);
    });
    const response = await answered.promise;
    assert.equal(sha256(response.image), sha256(image));
    assert.equal(response.format, "IMAGE_FORMAT_JPEG");
    assert.deepEqual([response.width, response.height], [4000, 3000]);
    assert.equal(response.timings, null, "a message that was not sent is null");
    client.close();
  });

  Deno.test(`ColorizeStream returns photos of any size in pieces over ${transport}`, async () => {
    const handlers = handlersOf({
      ColorizeStream: async (call) => {
        for await (const { photoId, settings, data, last } of receive(call)) {
          assert(data.length <= MAX_PIECE_BYTES);
          const photo = settings === null ? null : { width: settings.maxSide };
          await send(call, { photoId, photo, data, last });
        }
        call.end();
      },
    });
    await using served = await Served.start(
      transport,
      (server) => contract.serve(server, service, handlers),
    );
    const client = contract.connect(service, served.address, insecure());
    const call = client.colorizeStream();
    const photos = [0, 1, MAX_PIECE_BYTES, MAX_PIECE_BYTES + 1, 9_000_000].map(noise);
    const sending = (async () => {
      for (const [index, photo] of photos.entries()) {
        let settings: { maxSide: number } | null = { maxSide: index };
        for (const { data, last } of piecesOf(photo)) {
          await send(call, { photoId: `photo ${index}`, settings, data, last });
          settings = null;
        }
      }
      call.end();
    })();
    const results = new Map<string, Buffer[]>();
    for await (const { photoId, photo, data } of receive(call)) {
      const pieces = results.get(photoId);
      assert.equal(pieces === undefined, photo !== null, "only the first piece tells of the photo");
      results.set(photoId, [...(pieces ?? []), data]);
    }
    await sending;
    assert.deepEqual(
      [...results].map(([id, pieces]) => [id, sha256(Buffer.concat(pieces))]),
      photos.map((photo, index) => [`photo ${index}`, sha256(photo)]),
    );
    client.close();
  });
}

for (const [shown, end] of [["half-closed", "end"], ["cancelled", "cancel"]] as const) {
  Deno.test(`receive() tells a ${shown} call from the other`, async () => {
    const outcome = Promise.withResolvers<unknown>();
    const handlers = handlersOf({
      ColorizeStream: async (call) => {
        try {
          const photos: string[] = [];
          for await (const { photoId } of receive(call)) {
            photos.push(photoId);
            await send(call, { photoId });
          }
          outcome.resolve(photos);
          call.end();
        } catch (error) {
          outcome.resolve(error);
        }
      },
    });
    await using served = await Served.start(
      "unix",
      (server) => contract.serve(server, service, handlers),
    );
    const client = contract.connect(service, served.address, insecure());
    const call = client.colorizeStream();
    call.on("error", ({ code }: ServiceError) => assert.equal(code, codes.CANCELLED));
    call.write({ photoId: "a" });
    await once(call, "data");
    const over = new Promise((resolve) => call.once("status", resolve));
    call[end]();
    const result = await outcome.promise;
    if (end === "end") assert.deepEqual(result, ["a"]);
    else assert(result instanceof TinctError && result.code === "cancelled", String(result));
    await over;
    client.close();
  });
}

Deno.test("receive() ends with its signal's reason, and leaves no listener behind", async () => {
  const handlers = handlersOf({
    StreamMetrics: (call) => void call.write({ sequence: 1, heartbeat: {} }),
  });
  await using served = await Served.start(
    "unix",
    (server) => contract.serve(server, service, handlers),
  );
  const client = contract.connect(service, served.address, insecure());
  const call = client.streamMetrics({ jobId: "job-1" });
  const events = ["readable", "end", "close", "cancelled"];
  const listeners = () => events.map((event) => call.listenerCount(event));
  const before = listeners();
  const stop = new AbortController();
  const reason = new Error("enough");
  const reading = (async () => {
    for await (const { sequence } of receive(call, { signal: stop.signal })) {
      assert.equal(sequence, 1);
      stop.abort(reason);
    }
  })();
  await assert.rejects(reading, reason);
  assert.deepEqual(listeners(), before);
  call.on("error", () => {});
  call.cancel();
  client.close();
});

Deno.test("receive() passes on what a call fails with", async () => {
  const handlers = handlersOf({
    StreamMetrics: (call) => {
      call.emit("error", { code: codes.NOT_FOUND, details: "There is no job job-1." });
    },
  });
  await using served = await Served.start(
    "unix",
    (server) => contract.serve(server, service, handlers),
  );
  const client = contract.connect(service, served.address, insecure());
  const reading = receive(client.streamMetrics({ jobId: "job-1" })).next();
  await assert.rejects(reading, { code: codes.NOT_FOUND, details: "There is no job job-1." });
  client.close();
});

Deno.test("send() refuses a call that is over", async () => {
  await using served = await Served.start(
    "unix",
    (server) => contract.serve(server, service, handlersOf({})),
  );
  const client = contract.connect(service, served.address, insecure());
  const call = client.colorizeStream();
  for await (const _ of receive(call)) assert.fail("the server ends the call without an answer");
  call.destroy();
  await assert.rejects(send(call, { photoId: "a" }), { code: "cancelled" });
  client.close();
});
