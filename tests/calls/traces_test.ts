import assert from "assert";
import { join } from "node:path";
import { credentials, Metadata } from "@grpc/grpc-js";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import type { TrainResponse__Output } from "../../src/protocol/generated/tinct/v1/train_response.ts";
import { durationMsOf } from "../../src/protocol/times.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { answer, ending } from "../service/scene.ts";
import { ServedProcess } from "../service/served_process.ts";
import { type ReceivedSpan, TraceReceiver } from "./trace_receiver.ts";
import { stateOf, watchUntil } from "../service/working_scene.ts";
import { paintScenes, readPhoto, smallConfig } from "../service/workshop.ts";

const service = "tinct.v1.ColorizationService";
/** The client's span, of the examples in W3C's "Trace Context". */
const clientSpan = "b7ad6b7169203331";

/** Metadata of a client that traces. */
function traced(traceId: string): Metadata {
  const metadata = new Metadata();
  metadata.set("traceparent", `00-${traceId}-${clientSpan}-01`);
  return metadata;
}

const lengthMs = ({ start, end }: ReceivedSpan) => Number(end - start) / 1e6;

Deno.test("a client's trace goes on through the server to the worker, and its times add up", async (t) => {
  await using folder = await TemporaryFolder.create();
  await paintScenes(join(folder.path, "photos", "scenes"), 8);
  await using receiver = await TraceReceiver.open();
  const door = ["--web", "127.0.0.1:0"];
  await using served = await ServedProcess.start(folder.path, door, receiver.environment);
  const client = loadPublicContract()
    .connect(service, served.address, credentials.createInsecure());
  using _client = { [Symbol.dispose]: () => client.close() };
  let jobId = "";

  await t.step("Train: a span under the client's, with the job's id", async () => {
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const { job } = await answer<TrainResponse__Output>((back) =>
      client.train({ dataset: "scenes", config: smallConfig }, traced(traceId), back)
    );
    jobId = job?.jobId ?? "";
    const spans = await receiver.trace(traceId, `${service}/Train`);
    assert.equal(spans.length, 1);
    const [{ parentSpanId, kind, attributes, status } = spans[0]!] = spans;
    assert.deepEqual([parentSpanId, kind, status], [clientSpan, 2, 0]); // 2: SERVER
    assert.deepEqual(attributes, {
      "rpc.system": "grpc",
      "rpc.service": service,
      "rpc.method": "Train",
      "network.protocol.name": "http",
      "network.protocol.version": "2",
      "rpc.grpc.status_code": 0,
      "tinct.job_id": jobId,
    });
  });

  await watchUntil({ colorization: client }, { jobId }, (event) => stateOf(event) === "SUCCEEDED");

  await t.step("Colorize: one trace, whose spans lie in one another", async () => {
    const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    const image = Buffer.from(await readPhoto("cat.jpg"));
    const request = { image, model: { checkpoint: { jobId } } };
    const sentMs = Date.now();
    const made = await answer<ColorizeResponse__Output>((back) =>
      client.colorize(request, traced(traceId), back)
    );
    const answeredMs = Date.now();
    const spans = await receiver.trace(traceId, `${service}/Colorize`);
    const named = (name: string) => {
      const found = spans.filter((span) => span.name === name);
      assert.equal(found.length, 1, `${found.length} spans are called ${name}`);
      return found[0]!;
    };
    const parents = {
      colorize: `${service}/Colorize`,
      queue: "colorize",
      "load model": "colorize",
      worker: "colorize",
      decode: "worker",
      batch: "worker",
      model: "worker",
      encode: "worker",
    };
    assert.deepEqual(
      spans.map(({ name }) => name).sort(),
      [`${service}/Colorize`, ...Object.keys(parents)].sort(),
    );
    const call = named(`${service}/Colorize`);
    assert.equal(call.parentSpanId, clientSpan);
    for (const [name, parentName] of Object.entries(parents)) {
      const [span, parent] = [named(name), named(parentName)];
      assert.equal(span.parentSpanId, parent.spanId, name);
      // A microsecond: times are sums of float64 milliseconds since 1970.
      assert.ok(span.start >= parent.start - 1000n, `${name} begins before ${parentName}`);
      assert.ok(span.end <= parent.end + 1000n, `${name} ends after ${parentName}`);
    }
    // The client's clock is this machine's; its milliseconds are whole ones.
    assert.ok(Number(call.start / 1_000_000n) >= sentMs - 1);
    assert.ok(Number(call.end / 1_000_000n) <= answeredMs + 1);

    // The parts of the client's answer, which are of the same measurements.
    for (const name of ["decode", "model", "encode"] as const) {
      const toldMs = durationMsOf(made.timings?.[name]) ?? NaN;
      assert.ok(Math.abs(lengthMs(named(name)) - toldMs) < 0.01, `${name}: not ${toldMs} ms`);
    }
    const sumMs = (...names: string[]) =>
      names.reduce((sum, name) => sum + lengthMs(named(name)), 0);
    const parts = sumMs("queue", "load model", "worker");
    const wholeMs = lengthMs(named("colorize"));
    // What is left is the turn of a promise or two, on a machine that may be busy.
    assert.ok(parts <= wholeMs + 0.01 && wholeMs - parts < 250, `${parts} of ${wholeMs} ms`);
    assert.ok(sumMs("decode", "batch", "model", "encode") <= lengthMs(named("worker")) + 0.01);
    assert.equal(named("colorize").attributes["tinct.job_id"], jobId);
    assert.equal(named("colorize").attributes["tinct.batch_size"], 1);
    assert.equal(named("colorize").attributes["tinct.step"], smallConfig.maxSteps);
  });

  await t.step("at the door for browsers: a span that says by which protocol", async () => {
    const web = served.lines.find((line) => line["web"] !== undefined)?.["web"];
    const asked = async (path: string, traceId: string, type: string, body: BodyInit) => {
      const headers = { traceparent: `00-${traceId}-${clientSpan}-01`, "content-type": type };
      const got = await fetch(`${web}/${path}`, { method: "POST", headers, body });
      await got.body?.cancel();
      const [span] = await receiver.trace(traceId, path);
      return span;
    };
    const path = "tinct.v1.TrainingJobService/GetTrainingJob";
    const common = {
      "rpc.service": "tinct.v1.TrainingJobService",
      "rpc.method": "GetTrainingJob",
      "network.protocol.name": "http",
      "network.protocol.version": "1.1",
    };
    const ids = ["1", "2", "3"].map((digit) => digit.repeat(32)) as [string, string, string];
    const json = (id: string) => JSON.stringify({ jobId: id });
    const ok = await asked(path, ids[0], "application/json", json(jobId));
    assert.equal(ok?.parentSpanId, clientSpan);
    assert.deepEqual(ok?.attributes, {
      ...common,
      "rpc.system": "connect_rpc",
      "tinct.job_id": jobId,
    });
    const failed = await asked(path, ids[1], "application/json", json("none"));
    assert.deepEqual(failed?.attributes, {
      ...common,
      "rpc.system": "connect_rpc",
      "rpc.connect_rpc.error_code": "not_found",
      "tinct.job_id": "none",
    });
    const frame = new Uint8Array([0, 0, 0, 0, 6, 10, 4, ...new TextEncoder().encode("none")]);
    const byWeb = await asked(path, ids[2], "application/grpc-web+proto", frame);
    assert.deepEqual(byWeb?.attributes, {
      ...common,
      "rpc.system": "grpc",
      "rpc.grpc.status_code": 5,
      "tinct.job_id": "none",
    });
  });

  await t.step("a call that fails has its status; without a header it begins a trace", async () => {
    const request = { image: Buffer.from("no photo"), model: { checkpoint: { jobId } } };
    const failed = await ending((back) => client.colorize(request, back));
    assert.ok("error" in failed && failed.error.code === "INVALID_ARGUMENT");
    const isIt = (span: ReceivedSpan) => span.attributes["rpc.grpc.status_code"] === 3;
    assert.equal(await served.end("SIGTERM"), 0); // all that was recorded is sent by then
    const span = receiver.spans.find(isIt);
    assert.equal(span?.parentSpanId, "");
    assert.equal(span?.status, 0, "a client's mistake is no error of the server");
  });
});

Deno.test("with Deno's OpenTelemetry off, nothing is traced and the header does no harm", async () => {
  await using folder = await TemporaryFolder.create();
  await using receiver = await TraceReceiver.open();
  const environment = { ...receiver.environment, OTEL_DENO: "false" };
  await using served = await ServedProcess.start(folder.path, [], environment);
  const client = loadPublicContract()
    .connect(service, served.address, credentials.createInsecure());
  using _client = { [Symbol.dispose]: () => client.close() };
  const given = traced("0af7651916cd43dd8448eb211c80319c");
  const failed = await ending((back) => client.train({ dataset: "none" }, given, back));
  assert.ok("error" in failed && failed.error.code === "NOT_FOUND");
  assert.equal(await served.end("SIGTERM"), 0);
  assert.deepEqual(receiver.spans, []);
});
