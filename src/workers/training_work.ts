import { performance } from "node:perf_hooks";
import process from "node:process";
import { readVggWeights } from "../checkpoints/vgg_weights.ts";
import { readEnvironment } from "../config.ts";
import { parseTrainingConfig, type TrainingConfig } from "../config/training.ts";
import { Engine } from "../engine/engine.ts";
import { TinctError } from "../errors.ts";
import { describeOddities, odditiesOfSet } from "../prepared/photo_findings.ts";
import { findGenerator } from "../inference/foreign_generator.ts";
import type { PreparedSet } from "../prepared/prepared_set.ts";
import { splitSet } from "../prepared/split_set.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import type { TrainingAssignment__Output } from "../protocol/generated/tinct/worker/v1/training_assignment.ts";
import { photoLimitsOf } from "../protocol/photo_limits.ts";
import { fieldName, givenOptions } from "../protocol/training_options.ts";
import { earlyStopSentence } from "../runs/best_metric.ts";
import type { TrainingEvent } from "../training/events.ts";
import { train } from "../training/loop.ts";
import { noValidationSentence } from "../training/no_validation.ts";
import { makeFolder } from "../files/make_folder.ts";
import { openRun } from "../runs/run.ts";
import { waitForRun } from "../runs/run_lock.ts";
import { PerceptualNetwork } from "../training/perceptual.ts";
import {
  readEncoder,
  readGenerator,
  startFrom,
  startWithEncoder,
  startWithGenerator,
} from "../training/start_from.ts";
import { REPLICA_LOST, ReplicaLost } from "../replicas/replica_lost.ts";
import { version } from "../version.ts";
import { counted, countedWith } from "../words.ts";
import {
  followRank0,
  leading,
  listenForReplicas,
  type Replica,
  replicaOf,
  type StartEngine,
} from "./replica_work.ts";
import { openPhotos } from "./run_photos.ts";
import { adoptCheckpoint, hasCheckpoints } from "./run_origin.ts";
import type { Work } from "./server_link.ts";
import { type Progress, TrainingTeller } from "./training_teller.ts";

/** Writes a line of the job's log. */
type JobLog = (
  message: string,
  level: "LOG_LEVEL_INFO" | "LOG_LEVEL_WARNING",
  fields?: Record<string, string>,
) => void;

/** How often the progress of preparing is told, beside the ordinary signs of life: milliseconds. */
const TELL_PREPARING_MS = 1000;

/** Thrown where the server asked to stop. */
class Stopped extends Error {}

/** Trains what the assignment says, up to its end or to the server's stop. */
export async function workOnTraining(work: Work): Promise<Finished> {
  const { training } = work.assignment;
  if (!training) throw new TypeError("A worker to train got another assignment.");
  const stop = new AbortController();
  work.onCommand(({ kind }) => {
    if (kind === "stop") stop.abort(new Stopped("The server asked to stop."));
  });
  const progress: Progress = { phase: "TRAINING_PHASE_PREPARING", step: 0 };
  work.onHeartbeat(() => ({ progress: { ...progress } }));
  const replica = replicaOf(training);
  const startEngine: StartEngine = (precision) =>
    Engine.start({
      libraryPath: libraryOf(work.start.libraryPath),
      device: training.device.startsWith("gpu") ? "gpu" : "cpu",
      threads: training.threads,
      precision,
      cluster: replica?.addresses,
      visibleGpus: readEnvironment().visibleGpus,
      log: true, // into the server's log
    });
  try {
    if (replica !== undefined && replica.addresses.rank > 0) {
      return await followRank0(replica, training, startEngine, stop.signal);
    }
    return await trainJob(work, training, { progress, replica, startEngine, signal: stop.signal });
  } catch (error) {
    if (error instanceof ReplicaLost) {
      // It is no failure of the job: the server begins anew with all.
      console.error(error.message);
      process.exit(REPLICA_LOST);
    }
    if (error instanceof Stopped) return { outcome: "OUTCOME_STOPPED", step: progress.step };
    return { outcome: "OUTCOME_FAILED", step: progress.step, fault: work.faultOf(error) };
  }
}

async function trainJob(
  { send, beat }: Work,
  assignment: TrainingAssignment__Output,
  { progress, replica, startEngine, signal }: {
    readonly progress: Progress;
    readonly replica: Replica | undefined;
    readonly startEngine: StartEngine;
    readonly signal: AbortSignal;
  },
): Promise<Finished> {
  const { runFolder } = assignment;
  const log: JobLog = (message, level, fields = {}) => send({ log: { level, message, fields } });
  const given = givenOptions(assignment.config);
  const config = parseTrainingConfig(given, { nameOf: fieldName });
  await makeFolder(runFolder);
  using _held = await waitForRun(runFolder, {
    signal,
    onWait: () =>
      log(
        "A worker of another server still has the files of this job; the job goes on when that " +
          "worker has ended.",
        "LOG_LEVEL_WARNING",
      ),
  });
  let toldMs = -Infinity;
  let leftOut: string | undefined;
  await using set = await openPhotos(assignment, {
    limits: photoLimitsOf(assignment.photoLimits),
    size: config.size,
    signal,
    onProgress: ({ done, total }) => {
      progress.photosDone = done;
      progress.photosTotal = total;
      if (performance.now() - toldMs < TELL_PREPARING_MS) return;
      toldMs = performance.now();
      beat();
    },
    onLeftOut: (sentence) => leftOut = sentence,
  });
  reportPhotos(set, config, log);
  if (leftOut !== undefined) log(leftOut, "LOG_LEVEL_WARNING");
  Object.assign(progress, { phase: "TRAINING_PHASE_STARTING", photosDone: 0, photosTotal: 0 });
  beat();
  if (assignment.resumeFolder && !(await hasCheckpoints(runFolder))) {
    await adoptCheckpoint(assignment.resumeFolder, runFolder);
  }
  const hasOwn = await hasCheckpoints(runFolder);
  using run = await openRun(runFolder, {
    given,
    resume: hasOwn,
    isHeld: true,
    programVersion: version,
    nameOf: fieldName,
    onWarning: ({ message }) => log(message, "LOG_LEVEL_WARNING"),
  });
  using leader = await listenForReplicas(replica, run.config, set.key);
  using engine = await startEngine(run.config.precision);
  signal.throwIfAborted();
  if (assignment.startFolder && !hasOwn) {
    await startFrom(engine, run, set, assignment.startFolder);
  }
  const { encoderWeights, perceptualWeights, generatorWeights } = assignment;
  if (encoderWeights !== "" && !hasOwn && !assignment.startFolder) {
    const encoder = await readEncoder(encoderWeights, run.config, { nameOf: fieldName, signal });
    await startWithEncoder(engine, run, set, encoder);
    log("The encoder begins with weights that were uploaded.", "LOG_LEVEL_INFO");
  }
  if (generatorWeights !== "" && !hasOwn && !assignment.startFolder) {
    const { from } = await findGenerator(generatorWeights, { signal });
    const generator = await readGenerator(from, run.config, { nameOf: fieldName, signal });
    await startWithGenerator(engine, run, set, generator);
    log("The generator begins with weights that were uploaded.", "LOG_LEVEL_INFO");
  }
  using perceptual = await openPerceptual(engine, perceptualWeights, run.config, signal);
  using teller = new TrainingTeller({ send, beat, run, set, progress, replicas: leader?.size });
  await teller.tellFound();
  const resume = await hasCheckpoints(runFolder);
  const { store, config: trained } = run;
  const onEvent = (event: TrainingEvent) => teller.tell(event);
  const inputs = { engine, set, store, resume, signal, onEvent, perceptual };
  const outcome = await leading(
    leader,
    () => train({ ...inputs, config: trained, leader, nameOf: fieldName }),
    signal,
  );
  const { reason, step, finding } = outcome;
  if (finding !== undefined) {
    const message = `Paused with a checkpoint of step ${step}: ${finding.what}.`;
    return { outcome: "OUTCOME_PAUSED", step, message };
  }
  return {
    outcome: reason === "interrupted" ? "OUTCOME_STOPPED" : "OUTCOME_SUCCEEDED",
    step,
    ...(reason === "early_stop" && { message: earlyStopSentence(outcome, run.config) }),
  };
}

/** The VGG16 of the perceptual loss; undefined where the job has none. */
async function openPerceptual(
  engine: Engine,
  path: string,
  config: TrainingConfig,
  signal: AbortSignal,
): Promise<PerceptualNetwork | undefined> {
  if (config.lambdaPerceptual === 0 || config.perceptual !== "vgg16") return undefined;
  if (path !== "") return PerceptualNetwork.ofVgg(engine, await readVggWeights(path, { signal }));
  throw new TinctError(
    "failed_precondition",
    "The weights of the perceptual loss are gone from the server: upload them again, and submit a " +
      "job that resumes from the newest checkpoint.",
  );
}

function libraryOf(libraryPath: string | undefined): string {
  if (libraryPath !== undefined) return libraryPath;
  throw new TypeError("A worker to train was not told of a TensorFlow library.");
}

function reportPhotos(
  set: PreparedSet,
  config: TrainingConfig,
  log: JobLog,
): void {
  const { count, report: { unreadable, gray, listed } } = set;
  const are = listed === 1 ? "photo is" : `photos ${count === 1 ? "is" : "are"}`;
  log(`${count} of ${listed} ${are} trained on.`, "LOG_LEVEL_INFO", {
    photos: `${listed}`,
    usable: `${count}`,
    skipped: `${unreadable.length}`,
    gray: `${gray.length}`,
  });
  const oddities = odditiesOfSet(set, config);
  for (const sentence of oddities ? describeOddities(oddities, set.size) : []) {
    log(sentence, "LOG_LEVEL_WARNING");
  }
  const unmeasured = noValidationSentence(splitSet(set.ids, config), config, fieldName);
  if (unmeasured !== undefined) log(unmeasured, "LOG_LEVEL_WARNING");
  if (unreadable.length > 0) {
    const [{ name, reason } = { name: "", reason: "" }] = unreadable;
    log(
      unreadable.length === 1
        ? `1 photo was skipped: ${name} ${reason}.`
        : `${counted(unreadable.length, "photo")} were skipped; the first of them, ${name}, ` +
          `${reason}.`,
      "LOG_LEVEL_WARNING",
    );
  }
  if (gray.length > 0) {
    const were = countedWith(gray.length, "gray photo", ["was", "were"]);
    const such = gray.length === 1 ? "" : "such as ";
    log(`${were} left out, ${such}${gray[0]}.`, "LOG_LEVEL_WARNING");
  }
}
