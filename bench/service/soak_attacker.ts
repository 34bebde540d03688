/**
 * Attacks a server until it is killed: `soak_attacker.ts HOST:PORT DATASET LONG_DATASET [ATTACK...]`. All
 * attacks at once, or those named, each again and again: messages of 15 MiB (D2), photos without their
 * last piece (D3), watchers of other sizes (D5), reports of datasets (D6), EXIF that points at itself
 * (D7), AVIF of 24 megapixels (D8), long lists (D13). It comes from 127.0.0.2, so that the server can
 * tell it from others. A process of its own, since what it costs itself must not count as the server's.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as passed } from "node:timers/promises";
import { type Client, credentials, status as codes } from "@grpc/grpc-js";
import { encodePhoto } from "../../src/images/encode.ts";
import { loadPublicContract } from "../../src/protocol/contract.ts";
import type { ListTrainingJobsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_training_jobs_response.ts";

const MIB = 2 ** 20;
const [address = "", dataset = "", longDataset = "", ...wanted] = Deno.args;
const contract = loadPublicContract();
const counts: Record<string, number> = {};

/** Leads to the server by another address of this machine. */
async function detour(): Promise<string> {
  const [, host = "", port = ""] = /^(.*):(\d+)$/.exec(address) ?? [];
  const listener = createServer((near) => {
    counts["connections"] = (counts["connections"] ?? 0) + 1;
    const far = connect({ host, port: Number(port), localAddress: "127.0.0.2" });
    near.on("error", () => {}).on("close", () => far.destroy());
    far.on("error", () => {}).on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  return `127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

const way = await detour();

function client<N extends Parameters<typeof contract.connect>[0]>(name: N) {
  return contract.connect(name, way, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.max_receive_message_length": 256 * MIB,
  });
}

/** Counts how a call ended, by attack and code. */
function ended(attack: string, error?: { readonly code?: number } | null): void {
  const key = `${attack} ${codes[error?.code ?? 0]}`;
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Makes calls at a time, and waits for all. */
async function volley(
  attack: string,
  count: number,
  call: (done: (error?: { readonly code?: number } | null) => void) => unknown,
): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, () =>
      new Promise<void>((resolve) =>
        call((error) => {
          ended(attack, error);
          resolve();
        })
      )),
  );
}

const deadline = () => ({ deadline: Date.now() + 60_000 });

/** A JPEG whose EXIF is a folder of 5,000 folders, each of them the first one. */
async function selfPointing(): Promise<Buffer> {
  const picture = { width: 64, height: 64, rgb: new Uint8Array(64 * 64 * 3).fill(90) };
  const jpeg = Buffer.from(await encodePhoto(picture, { format: "jpeg" }));
  const entries = 5000;
  const tiff = Buffer.alloc(8 + 2 + 12 * entries + 4);
  tiff.write("II*\0\x08\0\0\0", 0, "latin1");
  tiff.writeUInt16LE(entries, 8);
  for (let at = 10; at < 10 + 12 * entries; at += 12) {
    tiff.writeUInt16LE(0x8769, at);
    tiff.writeUInt16LE(4, at + 2);
    tiff.writeUInt32LE(1, at + 4);
    tiff.writeUInt32LE(8, at + 8);
  }
  const head = Buffer.from([0xff, 0xe1, 0, 0, ...Buffer.from("Exif\0\0", "latin1")]);
  head.writeUInt16BE(2 + 6 + tiff.length, 2);
  return Buffer.concat([jpeg.subarray(0, 2), head, tiff, jpeg.subarray(2)]);
}

async function newestJob(): Promise<string> {
  const jobs = client("tinct.v1.TrainingJobService");
  const found = await new Promise<ListTrainingJobsResponse__Output | undefined>((resolve) =>
    jobs.listTrainingJobs({}, deadline(), (_error, value) => resolve(value))
  );
  jobs.close();
  return found?.jobs.find(({ state }) => state === "JOB_STATE_SUCCEEDED")?.jobId ??
    found?.jobs[0]?.jobId ?? "";
}

/** A JPEG of 24 megapixels, the most of which the server makes an AVIF; all of one color. */
async function large(): Promise<Buffer> {
  const picture = { width: 6000, height: 4000, rgb: new Uint8Array(72e6).fill(90) };
  return Buffer.from(await encodePhoto(picture, { format: "jpeg" }));
}

const photos: { exif?: Buffer; large?: Buffer } = {};

const attacks: Readonly<Record<string, () => Promise<void>>> = {
  async D2() {
    const image = Buffer.alloc(15 * MIB);
    const clients = Array.from({ length: 4 }, () => client("tinct.v1.ColorizationService"));
    await Promise.all(
      clients.map((each) =>
        volley(
          "D2",
          10,
          (done) => each.colorize({ image, model: { name: "none" } }, deadline(), done),
        )
      ),
    );
    close(clients);
  },
  async D3() {
    const data = Buffer.alloc(MIB);
    const colorization = client("tinct.v1.ColorizationService");
    await volley("D3", 8, (done) => {
      const call = colorization.colorizeStream(deadline());
      call.on("error", done);
      call.on("data", () => {});
      for (let index = 0; index < 60; index++) {
        const first = index === 0 ? { settings: { model: { name: "none" } } } : {};
        call.write({ photoId: "a", data, ...first });
      }
    });
    close([colorization]);
  },
  async D5() {
    const jobId = await newestJob();
    const clients = Array.from({ length: 10 }, () => client("tinct.v1.ColorizationService"));
    await Promise.all(clients.map((each, index) =>
      volley("D5", 1, (done) => {
        const call = each.streamMetrics({ jobId, maxImagePixels: 10_000 + 1000 * index }, {
          deadline: Date.now() + 10_000,
        });
        call.on("data", () => {}).once("error", done).once("end", () => done());
      })
    ));
    close(clients);
  },
  async D6() {
    const datasets = client("tinct.v1.DatasetService");
    await volley("D6", 40, (done) => datasets.getDataset({ dataset }, deadline(), done));
    close([datasets]);
  },
  async D7() {
    await colorizeAll("D7", photos.exif ??= await selfPointing(), "IMAGE_FORMAT_JPEG");
  },
  async D8() {
    await colorizeAll("D8", photos.large ??= await large(), "IMAGE_FORMAT_AVIF");
  },
  async D13() {
    const datasets = client("tinct.v1.DatasetService");
    await volley(
      "D13",
      50,
      (done) =>
        datasets.listDatasetFiles({ dataset: longDataset, pageSize: 1000 }, deadline(), done),
    );
    close([datasets]);
  },
};

async function colorizeAll(
  attack: string,
  image: Buffer,
  format: "IMAGE_FORMAT_JPEG" | "IMAGE_FORMAT_AVIF",
): Promise<void> {
  const jobId = await newestJob();
  const colorization = client("tinct.v1.ColorizationService");
  await volley(
    attack,
    8,
    (done) =>
      colorization.colorize({ image, format, model: { checkpoint: { jobId } } }, deadline(), done),
  );
  close([colorization]);
}

function close(clients: readonly Client[]): void {
  for (const each of clients) each.close();
}

setInterval(() => console.log(JSON.stringify(counts)), 2000);
const unknown = wanted.filter((name) => !Object.hasOwn(attacks, name));
if (unknown.length > 0) {
  throw new TypeError(`There is no attack ${unknown}: ${Object.keys(attacks).join(", ")}.`);
}
const chosen = wanted.length === 0 ? Object.keys(attacks) : wanted;
await Promise.all(
  chosen.map((name) => attacks[name]!).map(async (attack) => {
    for (;;) {
      await attack();
      await passed(100);
    }
  }),
);
