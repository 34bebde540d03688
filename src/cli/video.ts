import { stat } from "node:fs/promises";
import { optionalServerOptions, serverFlags } from "../client/server_options.ts";
import { ServiceClient } from "../client/service_client.ts";
import { boolean, choice, integer, number } from "../config/option.ts";
import { trainingOptions } from "../config/training.ts";
import { TinctError } from "../errors.ts";
import { reading } from "../files/file_errors.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { text } from "../terminal/arguments.ts";
import { defineCommand } from "../terminal/command.ts";
import { jsonOption } from "../terminal/print_json.ts";
import { codecNames } from "../video_files/codecs.ts";
import {
  colorsHere,
  colorsOfServer,
  type FrameColors,
  modelOfServer,
} from "../video_files/frame_colors.ts";
import { makeVideo, prepareVideo, tellOfVideo } from "../video_files/make_video.ts";
import { checkpointViolations, readChoice, referTo, weightsOption } from "./checkpoint_option.ts";
import { loadChosen } from "./load_chosen.ts";

export const command = defineCommand({
  description: [
    "Reads and writes videos by ffmpeg, which has to be installed. Colours keep through a shot instead",
    "of wavering from frame to frame; each pixel keeps its lightness. Sound, subtitles and time stamps",
    "stay. The result ends in .mp4, .mov or .mkv. What is done by then stays in OUT.tinct-parts when",
    "the command is ended: given again, it goes on from there.",
  ].join("\n"),
  options: {
    model: text("RUN", "the model; with --server, a model's name or a job's id"),
    ...optionalServerOptions,
    checkpoint: text("latest|best|STEP", "checkpoint of a run to use", "latest"),
    weights: weightsOption,
    saturation: number(1, [0, 4], "factor on the predicted colours"),
    codec: choice(
      [...codecNames],
      "how the result is encoded; ffv1 loses nothing and goes into .mkv",
    ),
    crf: integer(0, [0, 51], "quality of h264 and hevc, less is better; 0: 18 and 20"),
    overwrite: boolean(false, "replace an existing result"),
    size: integer(0, [0, 2048], "side of the square that the model sees; 0: as trained", "pixels"),
    precision: trainingOptions.precision,
    ...jsonOption,
    ...engineOptions,
  },
  switches: [{
    by: "server",
    with: serverFlags,
    without: ["size", "precision", ...Object.keys(engineOptions)],
  }],
  both: ["model", "checkpoint", "weights", "saturation", "codec", "crf", "overwrite", "json"],
  check: (given) => [
    ...checkpointViolations(given),
    ...(given.codec === "ffv1" && given.crf
      ? [{ field: "crf", description: "does not apply to --codec ffv1" }]
      : []),
  ],
  operands: { name: "IN OUT", help: "a video, and the file for the result", min: 2, max: 2 },
  async run({ options, operands: [input = "", output = ""] }, context) {
    const { model, server, codec, crf, saturation, size } = options;
    const { signal } = context;
    if (model === undefined) {
      throw new TinctError("invalid_argument", "--model is missing; --help says what it names.");
    }
    const { json: asJson, overwrite } = options;
    const order = { input, output, encoding: { codec, crf }, saturation, overwrite, signal };
    requireDevice(context, options);
    const prepared = await prepareVideo(order);
    if (server === undefined) await reading(model, stat(model)); // before a library is fetched
    const chosen = readChoice(options);
    const colorize = (colors: FrameColors, seen: unknown) => makeVideo(colors, seen, prepared);
    if (server !== undefined) {
      using client = new ServiceClient({ ...options, server }, context.environment);
      const wanted = referTo(model, chosen);
      const found = await modelOfServer(client, wanted, signal);
      const colors = colorsOfServer(client, { model: found, saturation });
      return tellOfVideo(await colorize(colors, { server, found }), asJson);
    } else {
      using engine = await startEngine(context, options, options.precision);
      using colorizer = await loadChosen(engine, model, { ...chosen, size, signal });
      const { source } = colorizer;
      const { mtimeMs } = await reading(source.path, stat(source.path));
      const seen = { ...source, mtimeMs, size: colorizer.size, precision: options.precision };
      return tellOfVideo(await colorize(colorsHere(colorizer, { saturation }), seen), asJson);
    }
  },
});
