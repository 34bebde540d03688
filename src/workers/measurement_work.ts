import { readEnvironment } from "../config.ts";
import { parseTrainingConfig } from "../config/training.ts";
import { Engine } from "../engine/engine.ts";
import type { ResourceReport } from "../protocol/generated/tinct/v1/resource_report.ts";
import type { Finished } from "../protocol/generated/tinct/worker/v1/finished.ts";
import { durationOf } from "../protocol/times.ts";
import { availableMemoryBytes as freeBytes } from "../machine/memory.ts";
import { fieldName, givenOptions } from "../protocol/training_options.ts";
import { explainOutOfMemory } from "../training/out_of_memory.ts";
import { measureStep } from "../training/resources/measure_step.ts";
import {
  type ResourceNeeds,
  resourceNeeds,
  resourceWarnings,
} from "../training/resources/resource_needs.ts";
import { memoryOf } from "../training/resources/step_memory.ts";
import type { Work } from "./server_link.ts";

/** Trains a few steps of the assignment's configuration, and sends what they took. */
export async function workOnMeasurement({ assignment, start, send }: Work): Promise<Finished> {
  const { measurement } = assignment;
  const { libraryPath } = start;
  if (!measurement || libraryPath === undefined) {
    throw new TypeError("A worker to measure got another assignment.");
  }
  const config = parseTrainingConfig(givenOptions(measurement.config));
  const { device, threads, photos, freeDiskBytes, replicas } = measurement;
  const availableMemoryBytes = Math.floor(freeBytes() / replicas);
  using engine = await Engine.start({
    libraryPath,
    device: device.startsWith("gpu") ? "gpu" : "cpu",
    threads,
    precision: config.precision,
    visibleGpus: readEnvironment().visibleGpus,
    log: true, // into the server's log
  });
  const measured = await measureStep(engine, config).catch((error) => {
    throw explainOutOfMemory(error, config, () => memoryOf(engine), fieldName);
  });
  // Which photo goes where needs the photos; on average it is this.
  const validation = Math.round(config.validationFraction * photos);
  const needs = resourceNeeds(config, measured, {
    photos: { train: photos - validation, validation },
    availableMemoryBytes,
    freeDiskBytes,
    replicas,
  });
  send({ resources: reportOf(needs, device) });
  return { outcome: "OUTCOME_SUCCEEDED" };
}

function reportOf(needs: ResourceNeeds, device: string): ResourceReport {
  const { steps, stepMs, firstStepMs, stepsPerEpoch, totalSteps } = needs;
  const isKnown = stepsPerEpoch > 0;
  return {
    device,
    measuredSteps: steps,
    stepTime: durationOf(stepMs),
    firstStepTime: durationOf(firstStepMs),
    stepsPerEpoch,
    totalSteps: isKnown ? totalSteps : 0,
    epochTime: isKnown ? durationOf(stepMs * stepsPerEpoch) : null,
    totalTime: isKnown ? durationOf(stepMs * totalSteps) : null,
    memoryBytes: needs.memoryBytes,
    availableMemoryBytes: needs.availableMemoryBytes,
    preparedBytes: needs.preparedBytes,
    checkpointBytes: needs.checkpointBytes,
    checkpoints: needs.checkpoints,
    freeDiskBytes: needs.freeDiskBytes,
    warnings: resourceWarnings(needs, fieldName),
  };
}
