import { stat } from "node:fs/promises";
import { dirname } from "node:path";
import { writeFileAtomically } from "../files/atomic_write.ts";
import { reading, writing } from "../files/file_errors.ts";
import { boolean, choice, integer } from "../config/option.ts";
import { ownPhotoLimits, ownPhotoOptions } from "../config/photo_limits.ts";
import { trainingOptions } from "../config/training.ts";
import type { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { compareModels } from "../evaluation/compare_models.ts";
import { composeComparisonSheet } from "../evaluation/comparison_sheet.ts";
import { type EvaluationProtocol, evaluationProtocols } from "../evaluation/protocols.ts";
import { openFeatureExtractor } from "../evaluation/open_feature_extractor.ts";
import { listPhotos } from "../images/photo_folder.ts";
import { loadModel } from "../imported/load_model.ts";
import { readTrainedConfig } from "../inference/open_generator.ts";
import { Evaluator } from "../validation/evaluator.ts";
import { text, texts } from "../terminal/arguments.ts";
import { readChoice, weightsOption } from "./checkpoint_option.ts";
import { defineCommand } from "../terminal/command.ts";
import { engineOptions, requireDevice, startEngine } from "../installation/engine_options.ts";
import { EvaluationPhotos, type FidNetwork, type PhotoChoice } from "./evaluation_photos.ts";
import { printJson } from "../terminal/print_json.ts";
import { type EvaluatedModel, evaluationJson, evaluationReport } from "./evaluation_report.ts";

/** What stands for the standard output in place of a file. */
const STDOUT = "-";

export const command = defineCommand({
  description: [
    "Colorizes photos with known colours and measures how close the model comes: PSNR, SSIM, ΔE2000,",
    "ab error, L1 and colourfulness, each with a 95% confidence interval. With two models it also",
    "measures their difference on the same photos, and says whether its interval excludes 0. A model is",
    "what `colorize` takes. Use photos the model was not trained on.",
  ].join("\n"),
  options: {
    model: texts(
      "RUN",
      "a run, a checkpoint's folder, a .pth, .pt or .safetensors file; may be given twice",
    ),
    data: text("DIR", "folder tree of colour photos"),
    checkpoint: text("latest|best|STEP", "checkpoint of a run to use", "latest"),
    weights: weightsOption,
    keptOut: boolean(false, "use only photos that each model's run kept for validation"),
    protocol: choice(
      ["tinct", "ddcolor"],
      "definitions to measure by; ddcolor: those of its papers, to compare with their tables",
    ),
    limit: integer(
      0,
      [0, 1_000_000],
      "photos to use, drawn at random with --seed; 0: all",
      "photos",
    ),
    seed: integer(0, [0, 2 ** 31 - 1], "seed of the draw of --limit"),
    json: {
      ...text(
        "FILE",
        "print all numbers, for each photo, as JSON in place of the table; with FILE, write them there",
      ),
      alone: STDOUT,
    },
    sheet: text("FILE", "draw the first photos as a PNG"),
    inception: text(
      "FILE",
      "also measure FID with this network: a SavedModel's folder or an ONNX file",
    ),
    inceptionInput: choice(
      ["signed", "unit", "bytes"],
      "input range of that network: -1 to 1, 0 to 1, or 0 to 255",
    ),
    inceptionOutput: text("NAME", "output of that network to use (default: its only one)"),
    sheetPhotos: integer(8, [1, 64], "photos on the sheet", "photos"),
    size: integer(
      0,
      [0, 2048],
      "side of the compared squares; 0: as trained, and 256 with --protocol ddcolor",
      "pixels",
    ),
    precision: trainingOptions.precision,
    ...ownPhotoOptions,
    ...engineOptions,
  },
  switches: [
    { by: "sheet", with: ["sheetPhotos"] },
    { by: "inception", with: ["inceptionInput", "inceptionOutput"] },
    { by: "limit", with: ["seed"] },
  ],
  async run({ options, given }, context) {
    const { model: models, data, limit, seed, json, sheet } = options;
    const rules = evaluationProtocols[options.protocol];
    const size = options.size === 0 ? rules.size : options.size;
    if (models.length < 1 || models.length > 2) {
      throw new TinctError(
        "invalid_argument",
        `--model RUN is to be given once or twice, not ${models.length} times.`,
      );
    }
    if (data === undefined) {
      throw new TinctError("invalid_argument", "--data DIR is missing: the folder tree of photos.");
    }
    if (rules.range !== undefined && given.has("inceptionInput")) {
      throw new TinctError(
        "invalid_argument",
        `--protocol ${rules.name} decides what FID's network is given: leave --inception-input out.`,
      );
    }
    const range = rules.range ?? options.inceptionInput;
    requireDevice(context, options);
    const { checkpoint, weights } = readChoice(options);
    const { inception } = options;
    for (const path of [...models, ...inception === undefined ? [] : [inception]]) {
      await reading(path, stat(path)); // before a library is fetched
    }
    for (const file of [json, sheet]) {
      if (file === undefined || file === STDOUT) continue;
      await writing(file, stat(dirname(file))); // or all would be measured in vain
    }
    const splits = options.keptOut
      ? await Promise.all(models.map((model) => splitOf(model, checkpoint)))
      : [];
    await listPhotos(data, { signal: context.signal }); // before a model is loaded
    using engine = await startEngine(context, options, options.precision);
    await using photos = new EvaluationPhotos(context, data, {
      limit,
      seed,
      splits,
      limits: ownPhotoLimits(options),
      filter: rules.filter,
    });
    using extractor = inception === undefined
      ? undefined
      : await openFeatureExtractor(engine, inception, { output: options.inceptionOutput });
    const fid = extractor && { extractor, range };
    const evaluated: EvaluatedModel[] = [];
    for (const model of models) {
      evaluated.push(
        await evaluateOne(engine, photos, model, {
          checkpoint,
          weights,
          size,
          colorfulness: rules.colorfulness,
          shown: sheet === undefined ? 0 : options.sheetPhotos,
          fid,
          signal: context.signal,
        }),
      );
    }
    const evaluation = compareModels(evaluated.map(({ judged }) => judged));
    const { set, indices } = photos.prepared;
    const { keptOut, precision } = options;
    const network = inception === undefined ? undefined : { path: inception, input: range };
    const protocol = {
      ...{ rules, data, set, indices, limit, seed, keptOut, precision },
      inception: network,
    };
    const content = json === undefined
      ? undefined
      : evaluationJson(evaluated, evaluation, protocol);
    if (json === STDOUT) printJson(content);
    else console.log(evaluationReport(evaluated, evaluation, protocol));
    if (json !== undefined && json !== STDOUT) {
      await writeFileAtomically(json, `${JSON.stringify(content, null, 2)}\n`);
    }
    if (sheet !== undefined) {
      const title = evaluated.length === 1 ? "Evaluation" : "Evaluation of two models";
      const png = await composeComparisonSheet(evaluated.map(({ shown }) => shown), { title });
      await writeFileAtomically(sheet, png);
    }
  },
});

async function evaluateOne(
  engine: Engine,
  photos: EvaluationPhotos,
  model: string,
  { checkpoint, weights, size, colorfulness, shown, fid, signal }: {
    readonly checkpoint: "latest" | "best" | number;
    readonly weights: "ema" | "raw" | undefined;
    readonly size: number | undefined;
    readonly colorfulness: EvaluationProtocol["colorfulness"];
    readonly shown: number;
    readonly fid: FidNetwork | undefined;
    readonly signal: AbortSignal;
  },
): Promise<EvaluatedModel> {
  using colorizer = await loadModel(engine, model, {
    checkpoint,
    weights,
    size,
    resizes: true,
    onWarning: ({ message }) => console.error(message),
    signal,
  });
  const { set, indices } = await photos.at(colorizer.size, model);
  using evaluator = new Evaluator(engine, set, colorizer, { colorfulness });
  return {
    model,
    source: colorizer.source,
    judged: await evaluator.judge(indices, signal),
    fid: fid && await photos.fid(engine, fid, colorizer, signal),
    shown: await evaluator.show(indices.subarray(0, shown)),
  };
}

/** How the run of a model split its photos. */
async function splitOf(
  model: string,
  checkpoint: "latest" | "best" | number,
): Promise<PhotoChoice["splits"][number]> {
  const config = await readTrainedConfig(model, { checkpoint });
  if (config !== undefined) return config;
  throw new TinctError(
    "failed_precondition",
    `${model} does not say which photos were kept out of its training: leave --kept-out out.`,
  );
}
