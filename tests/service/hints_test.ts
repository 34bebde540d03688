import assert from "assert";
import sharp from "sharp";
import { decodePhoto } from "../../src/images/decode.ts";
import { chromaAt } from "../../src/hints/byte_colors.ts";
import { colorsOf } from "../../src/hints/picture_colors.ts";
import type { ColorHint } from "../../src/protocol/generated/tinct/v1/color_hint.ts";
import type { ColorizeResponse__Output } from "../../src/protocol/generated/tinct/v1/colorize_response.ts";
import { receive } from "../../src/protocol/receive.ts";
import { send } from "../../src/protocol/send.ts";
import { photoBytes } from "../images/test_photos.ts";
import { drawnJob } from "./drawn_job.ts";
import { ending } from "./scene.ts";
import { openWorkingScene } from "./working_scene.ts";

/** Strokes over a picture of this size: none but for a square with this colour at (10, 20). */
async function strokes(width: number, height: number, color = [0x80, 0x60, 0x60, 255]) {
  const bytes = new Uint8Array(width * height * 4);
  for (let y = 20; y < 30; y++) {
    for (let x = 10; x < 20; x++) bytes.set(color, 4 * (y * width + x));
  }
  return await sharp(bytes, { raw: { width, height, channels: 4 } }).png().toBuffer();
}

Deno.test("photos get the colours that their things are given, in both calls", async (t) => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const jobId = await drawnJob(scene.store, scene.folder.path);
  const model = { checkpoint: { jobId } };
  // Stored as 320 x 200, shown as 200 x 320.
  const image = await photoBytes("exif_orientation_6.jpg");
  const colorize = (given: object) =>
    ending<ColorizeResponse__Output>((back) =>
      scene.colorization.colorize({ image, model, format: "IMAGE_FORMAT_PNG", ...given }, back)
    );
  const chromaIn = async (file: Uint8Array, x: number, y: number) => {
    const { rgb, width } = await decodePhoto(file);
    return chromaAt(rgb, 3 * (y * width + x));
  };
  const hints: ColorHint[] = [
    { x: 190.5, y: 310, ab: { a: 12, b: -9 } },
    { x: 60, y: 150, radius: 3, rgb: 0x808080 },
  ];

  await t.step("points and strokes are met", async () => {
    const made = await colorize({ hints, strokes: await strokes(200, 320) });
    assert.ok("ok" in made, JSON.stringify(made));
    for (
      const [x, y, a, b] of [[190, 310, 12, -9], [60, 150, 0, 0], [15, 25, 13.5, 4.9]] as const
    ) {
      const chroma = await chromaIn(made.ok.image, x, y);
      // Rounding to bytes.
      assert.ok(
        Math.hypot(chroma.a - a, chroma.b - b) < 2,
        `${chroma.a}, ${chroma.b} at ${x}, ${y}`,
      );
    }
    const small = await colorize({ hints, strokes: await strokes(200, 320), maxSide: 160 });
    assert.ok("ok" in small, JSON.stringify(small));
    const chroma = await chromaIn(small.ok.image, 95, 155);
    assert.ok(Math.hypot(chroma.a - 12, chroma.b + 9) < 2, `${chroma.a}, ${chroma.b}`);
  });

  await t.step("a stream gives them to one photo alone", async () => {
    const call = scene.colorization.colorizeStream();
    const settings = { model, format: "IMAGE_FORMAT_PNG", hints: hints.slice(0, 1) } as const;
    await send(call, { photoId: "given", settings, data: image, last: true });
    await send(call, { photoId: "plain", data: image, last: true });
    const wrong = { ...settings, hints: [{ x: 210, y: 5, rgb: 0 }] };
    await send(call, { photoId: "outside", settings: wrong, data: image, last: true });
    const other = { ...settings, hints: [], strokes: await strokes(200, 321) };
    await send(call, { photoId: "strokes", settings: other, data: image, last: true });
    call.end();
    const pictures: Record<string, Buffer> = {};
    const faults: Record<string, readonly string[]> = {};
    for await (const { photoId, data, fault } of receive(call)) {
      pictures[photoId] = data;
      if (fault !== null) {
        faults[photoId] = [
          fault.message,
          ...fault.violations.map(({ field }: { field: string }) => field),
        ];
      }
    }
    assert.ok(Math.abs((await chromaIn(pictures["given"]!, 190, 310)).a - 12) < 2);
    const plain = await colorize({});
    assert.ok("ok" in plain);
    assert.deepEqual(
      (await decodePhoto(pictures["plain"]!)).rgb,
      (await decodePhoto(plain.ok.image)).rgb,
    );
    assert.deepEqual(faults, {
      outside: [
        "The hint at (210, 5) lies outside of the photo, which is 200 x 320 pixels as it is shown, " +
        "counted from 0 at its upper left corner.",
        "settings.hints[0]",
      ],
      strokes: [
        "The stroke picture is 200 x 321 pixels, and the photo as it is shown is 200 x 320; give " +
        "one of the same size.",
        "settings.strokes",
      ],
    });
  });

  await t.step(
    "a reference gives its palette, remove_cast takes a cast off, both are told of",
    async () => {
      const reference = await photoBytes("coffee.png");
      const [plain, like, clear] = [
        await colorize({}),
        await colorize({ reference }),
        await colorize({ removeCast: true }),
      ];
      assert.ok("ok" in plain && "ok" in like && "ok" in clear);
      const castOf = ({ colors }: ColorizeResponse__Output) => {
        assert.ok(colors?.cast);
        return Math.hypot(colors.cast.a, colors.cast.b);
      };
      const refined = await colorize({ refine: true, hints });
      assert.ok("ok" in refined, JSON.stringify(refined));
      assert.ok(Math.abs((await chromaIn(refined.ok.image, 190, 310)).a - 12) < 2);
      const seen = colorsOf((await decodePhoto(like.ok.image)).rgb);
      assert.ok(Math.abs(seen.colorfulness - like.ok.colors!.colorfulness) < 0.01);
      // A model of four steps, whose colours are but a trace.
      assert.ok(castOf(clear.ok) < 0.5 && castOf(clear.ok) <= castOf(plain.ok));
      // Orange and brown.
      const { a, b } = like.ok.colors!.cast!;
      assert.ok(a > 3 && b > 3, `${a}, ${b}`);
      assert.deepEqual(
        (await decodePhoto(like.ok.image)).rgb.length,
        (await decodePhoto(plain.ok.image)).rgb.length,
      );
    },
  );

  const refused = {
    "outside of the photo": [
      { hints: [...hints, { x: 300, y: 100, rgb: 0 }, { x: 10, y: 320, rgb: 0 }] },
      /^The hint at \(300, 100\) lies outside of the photo, which is 200 x 320 .*1 more/,
      ["hints[2]", "hints[3]"],
    ],
    "two colours for a pixel": [
      { hints: [...hints, { x: 60.4, y: 150.9, rgb: 0xff0000 }] },
      /^The hint at \(60, 150\) gives its pixel another colour than hints\[1\] does\.$/,
      ["hints[2]"],
    ],
    "10,000 of them": [
      { hints: Array.from({ length: 10_000 }, (_, i) => ({ x: i % 200, y: 1, rgb: 0 })) },
      /hints must have at most 1000 entries, not 10000/,
      ["hints"],
    ],
    "no colour": [{ hints: [{ x: 1, y: 1 }] }, /needs rgb or ab/, ["hints[0]"]],
    "a colour that is none": [
      { hints: [{ x: 1, y: 1, rgb: 0x1000000 }] },
      /hints\[0\]\.rgb must be from 0 to 16777215, not 16777216/,
      ["hints[0].rgb"],
    ],
    "strokes without alpha": [
      { strokes: await sharp(await strokes(200, 320)).removeAlpha().png().toBuffer() },
      /^The stroke picture has no alpha channel, so all of it is one stroke; leave transparent/,
      ["strokes"],
    ],
    "a gray reference": [
      { reference: await photoBytes("gray.jpg") },
      /^The reference picture is gray; give one in the colours that you want\.$/,
      ["reference"],
    ],
    "a damaged reference": [
      { reference: (await photoBytes("cat.jpg")).subarray(0, 3000) },
      /^The reference picture is damaged or cut short/,
      ["reference"],
    ],
    "a reference whose cast is to go": [
      { reference: await photoBytes("cat.jpg"), removeCast: true },
      /remove_cast does not go with `reference`, which says which cast there is/,
      ["remove_cast"],
    ],
    "strokes of nothing": [
      { strokes: await strokes(200, 320, [0, 0, 0, 0]) },
      /^The stroke picture has no stroke: all of it is transparent\.$/,
      ["strokes"],
    ],
    "damaged strokes": [
      { strokes: (await strokes(200, 320)).subarray(0, 100) },
      /^The stroke picture is damaged or cut short/,
      ["strokes"],
    ],
    "strokes that are no picture": [{ strokes: Buffer.from("red") }, /^The stroke picture /, [
      "strokes",
    ]],
  } as const;
  for (const [name, [given, message, fields]] of Object.entries(refused)) {
    await t.step(`refused: ${name}`, async () => {
      const made = await colorize(given);
      assert.ok("error" in made, "it was taken");
      const { error } = made;
      assert.equal(error.code, "INVALID_ARGUMENT");
      assert.match(error.message, message);
      assert.deepEqual(error.fields, fields);
    });
  }
});
