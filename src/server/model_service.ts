import { dirname, join } from "node:path";
import { ensureFolder } from "../files/make_folder.ts";
import { modelFolder, runFolder } from "../files/data_folder.ts";
import { readCheckpointInfo } from "../checkpoints/checkpoint_folder.ts";
import { chooseWeights } from "../checkpoints/generator_weights.ts";
import { pinCheckpoint, unpinCheckpoint } from "../checkpoints/pins.ts";
import { TinctError } from "../errors.ts";
import type { Checkpoint } from "../jobs/job_event.ts";
import type { JsonObject } from "../jobs/json.ts";
import type { ModelVersion } from "../jobs/model.ts";
import { findCheckpoint } from "../colorizing/model_finder.ts";
import { choiceOf } from "../colorizing/model_reference.ts";
import { newJobId } from "../jobs/names.ts";
import type { CheckpointReference__Output } from "../protocol/generated/tinct/v1/checkpoint_reference.ts";
import type { Model } from "../protocol/generated/tinct/v1/model.ts";
import type { PromoteCheckpointRequest__Output } from "../protocol/generated/tinct/v1/promote_checkpoint_request.ts";
import type { Validation } from "../protocol/generated/tinct/v1/validation.ts";
import { importedMessage } from "../importing/import_details.ts";
import { importModel } from "../importing/import_model.ts";
import { removeUnnamed } from "../importing/remove_unnamed.ts";
import { weightsMessage, weightsOf } from "../protocol/weights_choice.ts";
import { timestampOf } from "../protocol/times.ts";
import type { ServerContext } from "./context.ts";
import { exportGenerator } from "./export_generator.ts";
import { exportPromoted, exportViolations } from "./export_promoted.ts";
import { clientStream, serverStream, type ServiceMethods, unary } from "../calls/methods.ts";
import { findTokenFault, fitPage, pageOf } from "../calls/fields.ts";
import { HeldLease } from "../leases/held_lease.ts";
import { requireRoom } from "./free_room.ts";
import { removeKnown } from "../files/remove_known.ts";
import { PROMOTION, promotionPaths } from "./tidy_data_folder.ts";
import { configOf } from "./job_messages.ts";
import { validationAt } from "./validation_at.ts";

/** The calls of tinct.v1.ModelService. */
export function modelMethods(context: ServerContext): ServiceMethods<"tinct.v1.ModelService"> {
  const { store } = context;
  const describe = (model: ModelVersion) => modelMessage(context, model);
  /** Promotions, imports and deletions of a name go one after the other. */
  const turns = new Map<string, Promise<unknown>>();
  const inTurn = async <T>(
    name: string,
    signal: AbortSignal,
    work: (signal: AbortSignal, lease: HeldLease) => Promise<T>,
  ): Promise<T> => {
    const before = turns.get(name) ?? Promise.resolve();
    const leased = async () => {
      // Other servers have turns of the name, too.
      await using lease = await HeldLease.wait(store, `model/${name}`, { signal });
      return await work(AbortSignal.any([signal, lease.lost]), lease);
    };
    const turn = before.then(leased, leased);
    turns.set(name, turn);
    try {
      return await turn;
    } finally {
      if (turns.get(name) === turn) turns.delete(name);
    }
  };
  return {
    ListModels: unary(async (request) => {
      return await fitPage(pageOf(request), async (page) => {
        const { models, nextPageToken } = await store.models.list(page);
        return { models: models.map(describe), nextPageToken };
      });
    }, findTokenFault((page) => store.models.list(page))),

    GetModel: unary(async ({ name, version }) => {
      const model = await store.models.get(name, version === 0 ? undefined : version);
      return { model: describe(model) };
    }),

    ImportModel: clientStream(async (requests, scope) => {
      const setting = { ...context, inTurn, requireRoom: () => requireRoom(context) };
      return { model: describe(await importModel(setting, requests, scope)) };
    }),

    PromoteCheckpoint: unary(async (request, scope) => {
      const { name, checkpoint } = request;
      scope.fields["jobId"] = checkpoint?.jobId ?? "";
      return {
        model: await inTurn(
          name,
          scope.signal,
          (signal, lease) => promote(context, request, { signal, lease }),
        ),
      };
    }),

    ExportModel: serverStream(
      (request, scope) => exportPromoted(context, request, scope),
      exportViolations,
    ),

    DeleteModel: unary(async ({ name }, { signal }) => {
      const deleted = await inTurn(name, signal, async () => {
        let models: readonly ModelVersion[] = [];
        // Workers that hold a model have read it; its files may go.
        await removeKnown(modelFolder(context.dataFolder, name), async () => {
          models = await store.models.delete(name);
        });
        return models;
      });
      return { versions: deleted.length };
    }),
  };
}

async function promote(
  context: ServerContext,
  { name, checkpoint: reference, description, weights: wanted }: PromoteCheckpointRequest__Output,
  { signal, lease }: { readonly signal: AbortSignal; readonly lease: HeldLease },
): Promise<Model> {
  const { store, colorizing, dataFolder } = context;
  if (reference === null) throw new TypeError("The request was checked to have a checkpoint.");
  await requireRoom(context);
  const holder = newJobId().replace("job-", PROMOTION);
  const checkpoint = await findAndPin(context, reference, holder);
  const { jobId, step } = checkpoint;
  try {
    const source = join(dataFolder, checkpoint.path);
    const { weights } = chooseWeights(await readCheckpointInfo(source), weightsOf(wanted));
    const [raw, ema] = promotionPaths(name, jobId, step);
    const path = weights === "ema" ? ema : raw;
    const folder = join(dataFolder, path);
    // What a version holds must not change.
    const [known] = await store.models.at(path);
    let sizeBytes = known?.sizeBytes;
    if (sizeBytes === undefined) {
      await ensureFolder(dirname(folder));
      sizeBytes = await exportGenerator(source, folder, { weights, signal });
    }
    try {
      // Before the name comes to mean it: who colorizes by the name meanwhile does not wait.
      using _loaded = await colorizing.preload(folder);
      const validation = await validationAt(store, checkpoint);
      const details: JsonObject = {
        config: (await store.jobs.get(jobId)).config,
        description,
        weights,
        validation: validation as JsonObject | null,
      };
      signal.throwIfAborted();
      lease.requireHeld();
      const { model } = await store.models.promote({ name, jobId, step, path, sizeBytes, details });
      // Photos of the version before were asked for since; the new one is to be the last that was.
      (await colorizing.preload(folder))[Symbol.dispose]();
      return modelMessage(context, model);
    } catch (error) {
      await removeUnnamed(store, { folder, path }, lease);
      throw error;
    }
  } finally {
    await unpinCheckpoint(runFolder(context.dataFolder, jobId), step, holder);
  }
}

/**
 * Finds a checkpoint that retention then leaves alone; one that is chosen anew where a job that
 * trains has replaced it in between.
 */
async function findAndPin(
  context: ServerContext,
  reference: CheckpointReference__Output,
  holder: string,
): Promise<Checkpoint> {
  const { jobId } = reference;
  const checkpoint = choiceOf(reference);
  for (let tries = 1;; tries++) {
    const found = await findCheckpoint(context.store, context.dataFolder, { jobId, checkpoint });
    try {
      await pinCheckpoint(runFolder(context.dataFolder, found.jobId), found.step, holder);
      return found;
    } catch (error) {
      const isGone = error instanceof TinctError && error.code === "not_found";
      if (!isGone || typeof checkpoint === "number" || tries === 3) throw error;
    }
  }
}

function modelMessage({ colorizing, dataFolder }: ServerContext, model: ModelVersion): Model {
  const { name, version, jobId, step, path, sizeBytes, createdAtMs, details } = model;
  const { config, description, validation, weights } = details;
  const imported = importedMessage(details);
  return {
    name,
    version,
    jobId,
    step,
    description: typeof description === "string" ? description : "",
    createTime: timestampOf(createdAtMs),
    sizeBytes,
    // Written by `promote`.
    config: imported ? null : configOf({ config: config as JsonObject }),
    validation: (validation ?? null) as Validation | null,
    weights: weightsMessage(imported ? undefined : weights === "ema" ? "ema" : "raw"), // old ones do not say
    imported,
    loaded: colorizing.isLoaded(join(dataFolder, path)),
  };
}
