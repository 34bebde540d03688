import assert from "assert";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { buffer } from "node:stream/consumers";
import { AnswerStream } from "../../src/web_door/answer_stream.ts";
import { writeAnswer } from "../../src/web_door/write_answer.ts";
import { inTime } from "../in_time.ts";

/** Written in sixteen pieces, each when the one before has gone. */
const MESSAGE_BYTES = 2 ** 20;

Deno.test("a call that ends in the midst of a message ends its answer after the whole of it", async () => {
  const message = Buffer.alloc(MESSAGE_BYTES, "m");
  const end = Buffer.from("the end");
  const reason = new Error("The server stops.");
  const calling = new AbortController();
  const answered = Promise.withResolvers<void>();
  const server = createServer((_, response) => {
    const body = async function* () {
      using stream = answer.stream;
      const put = stream.put(message, calling.signal);
      calling.abort(reason);
      await assert.rejects(put, reason);
      yield end;
    };
    const answer = {
      status: 200,
      stream: new AnswerStream({ sign: () => Buffer.from("a sign"), everyMs: 60_000 }),
      body: body(),
    };
    writeAnswer(answer, response, 60_000).then(answered.resolve, answered.reject);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    // HTTP/1.0 has no chunks: what follows the head is the body.
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    socket.write("GET / HTTP/1.0\r\n\r\n");
    const all = await inTime(buffer(socket), "the answer has come");
    await inTime(answered.promise, "the answer is written");
    const body = all.subarray(all.indexOf("\r\n\r\n") + 4);
    assert.equal(body.length, message.length + end.length);
    assert.equal(body.indexOf(end), message.length);
  } finally {
    server.close();
  }
});
