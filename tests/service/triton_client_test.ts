import assert from "assert";
import { execFile } from "node:child_process";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { decodePhoto } from "../../src/images/decode.ts";
import { encodePhoto } from "../../src/images/encode.ts";
import type { ColorizeRequest } from "../../src/protocol/generated/tinct/v1/colorize_request.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { TemporaryFolder } from "../checkpoints/temporary_folder.ts";
import { blocksOf, readDocument } from "../docs/documents.ts";
import { pythonFor } from "../kept_tools.ts";
import { drawnJob } from "./drawn_job.ts";
import { makeGuards } from "./guards.ts";
import { answer, type Scene } from "./scene.ts";
import { ServedProcess } from "./served_process.ts";
import { openWorkingScene } from "./working_scene.ts";

const run = promisify(execFile);
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
/** A proxy that is not there: it is not asked on loopback, nor are clients to be led astray by ours. */
const env = { no_proxy: "127.0.0.1,localhost", PYTHONWARNINGS: "ignore" };

/** The model "roses", whose generator's values are drawn. */
async function promoteRoses(scene: Scene): Promise<void> {
  const jobId = await drawnJob(scene.store, scene.folder.path);
  await answer((back) =>
    scene.models.promoteCheckpoint({ name: "roses", checkpoint: { jobId } }, back)
  );
}

async function colorized(scene: Scene, request: ColorizeRequest): Promise<Uint8Array> {
  const { image } = await answer<ColorizeResponse__Output>((back) =>
    scene.colorization.colorize({ model: { name: "roses" }, ...request }, back)
  );
  return image;
}

Deno.test("NVIDIA's tritonclient colorizes by the Open Inference Protocol, as Colorize does", async (t) => {
  await using folder = await TemporaryFolder.create();
  const python = await pythonFor(t, "tritonclient", [path("./triton_requirements.txt")]);
  if (python === undefined) return;

  await t.step(
    "every call that its client has of the protocol, and the documents' example",
    async () => {
      // On a busy machine a worker may load TensorFlow for minutes.
      const limits = { startTimeoutMs: 600_000, heartbeatTimeoutMs: 600_000 };
      const settings = { deadlineSeconds: 3600 };
      await using working = await openWorkingScene({ limits, settings });
      const { scene } = working;
      await promoteRoses(scene);
      const photos = { "a.jpg": "photos/cat.jpg", "b.png": "photos/coffee.png" };
      for (const [name, photo] of Object.entries(photos)) {
        await copyFile(path(`../testdata/${photo}`), folder.join(name));
      }
      const script = path("./triton_client.py");
      const contract = path("../../protos/contract.binpb");
      const parameters = [script, scene.server.address, folder.path, contract];
      const { stdout } = await run(python, parameters, { env });
      const { server, metadata, index, ...said } = JSON.parse(stdout);
      assert.deepEqual([server.name, server.extensions], ["tinct", ["model_repository"]]);
      assert.deepEqual([metadata.name, metadata.versions, metadata.platform], [
        "roses",
        ["1"],
        "tinct",
      ]);
      assert.deepEqual(metadata.inputs[0], {
        name: "image",
        datatype: "UINT8",
        shape: ["-1", "-1", "-1", "3"],
      });
      assert.deepEqual(index.map(({ models }: Index) => models.map(({ reason }) => reason)), [
        ["in memory"],
        ["loaded by the next request"],
        ["in memory"],
      ]);
      const { refused, streamed, asPixels, contract: [parts, different], ...rest } = said;
      assert.deepEqual(different, [], "what Triton has, or has otherwise");
      assert.ok(parts > 80, `${parts} fields and methods were compared`);
      assert.deepEqual(rest, {
        live: true,
        ready: true,
        models: [true, false],
        pixels: [[2, 40, 60, 3], "uint8", "one", "1"],
        readyUnloaded: true,
      });
      assert.deepEqual(refused.model.slice(0, 1), ["StatusCode.NOT_FOUND"]);
      assert.match(refused.model[1], /no model tulips/);
      for (
        const [name, says] of [
          ["parameter", /has the unknown "speed"; known: saturation/],
          ["shape", /must be \[N, height, width, 3\] of image/],
          ["sequence", /has the unknown "sequence_(?:id|start|end)"/],
        ] as const
      ) {
        assert.equal(refused[name][0], "StatusCode.INVALID_ARGUMENT");
        assert.match(refused[name][1], says);
      }
      assert.deepEqual([streamed[0], streamed[1], streamed[3]], [
        ["0", true],
        ["1", true],
        ["3", true],
      ]);
      assert.match(streamed[2], /unknown "speed"/);

      // The same photos by Colorize: the same bytes, and the same pixels.
      const files = await Promise.all(
        Object.keys(photos).map((name) => readFile(folder.join(name))),
      );
      for (const [at, image] of files.entries()) {
        const made = await readFile(folder.join(`file-${at}`));
        assert.deepEqual(Buffer.from(await colorized(scene, { image })), made);
      }
      const { width, height } = await decodePhoto(files[1]!);
      assert.deepEqual(asPixels, [1, height, width, 3]);
      const size = 40 * 60 * 3;
      const [given, made] = await Promise.all(
        ["pixels", "colorized"].map((name) => readFile(folder.join(name))),
      );
      assert.ok(given && made && given.length === 2 * size && made.length === 2 * size);
      for (const at of [0, 1]) {
        const rgb = given.subarray(at * size, (at + 1) * size);
        const image = Buffer.from(
          await encodePhoto({ width: 60, height: 40, rgb }, { format: "png" }),
        );
        const expected = await decodePhoto(await colorized(scene, { image, saturation: 1.5 }));
        assert.deepEqual(Buffer.from(expected.rgb), made.subarray(at * size, (at + 1) * size));
        assert.notDeepEqual(rgb, made.subarray(at * size, (at + 1) * size), "it has colours");
      }
      const asFile = await decodePhoto(await readFile(folder.join("as-file")));
      assert.deepEqual([asFile.format, asFile.width, asFile.height], ["png", 60, 40]);

      const [example] = blocksOf("docs/clients.md", await readDocument("docs/clients.md"))
        .filter(({ lines }) => lines.some((line) => line.includes("tritonclient.grpc")));
      const text = (example?.lines ?? []).join("\n");
      assert.match(text, /127\.0\.0\.1:50051/);
      const photo = await readFile(path("../testdata/photos/gray.jpg"));
      await writeFile(folder.join("gray.jpg"), photo);
      await writeFile(folder.join("e.py"), text.replace("127.0.0.1:50051", scene.server.address));
      await run(python, ["e.py"], { cwd: folder.path, env });
      const expected = await colorized(scene, { image: photo, saturation: 1.2 });
      assert.deepEqual(await readFile(folder.join("colour.jpg")), Buffer.from(expected));
    },
  );

  await t.step("TLS and tokens are asked for as everywhere", async () => {
    const guards = await makeGuards(folder);
    await using served = await ServedProcess.start(folder.join("guarded"), guards.server);
    const [, authority = "", , tokenFile = ""] = guards.client;
    const script = [
      "import sys, tritonclient.grpc as triton",
      "address, authority, token = sys.argv[1:]",
      "client = triton.InferenceServerClient(address, ssl=True, root_certificates=authority)",
      "try:",
      "    client.is_server_live()",
      "except triton.InferenceServerException as error:",
      "    print(error.status())",
      "headers = {'authorization': f'Bearer {token}'}",
      "print(client.is_server_live(headers=headers), client.is_model_ready('a', headers=headers))",
    ].join("\n");
    const token = (await readFile(tokenFile, "utf8")).trim();
    const { stdout } = await run(
      python,
      ["-c", script, served.address, authority, token],
      { env },
    );
    assert.equal(stdout, "StatusCode.UNAUTHENTICATED\nTrue False\n");
    assert.equal(await served.end("SIGTERM"), 0);
  });
});

/** What a repository lists. */
interface Index {
  readonly models: readonly { readonly reason: string }[];
}
