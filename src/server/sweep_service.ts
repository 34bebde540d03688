import { onAbort, unlessAborted } from "../abort.ts";
import type { JsonObject } from "../jobs/json.ts";
import { requestHash } from "../jobs/json.ts";
import { newJobId, newSweepId } from "../jobs/names.ts";
import { rungSteps } from "../sweeps/halving.ts";
import { trialCount } from "../sweeps/search.ts";
import type { Sweep, SweepRun, SweepSpec } from "../jobs/sweep.ts";
import { sweepViolations } from "../sweeps/check_spec.ts";
import { SweepRunner, type TrialJob } from "../sweeps/sweep_runner.ts";
import type { Contract, PublicService } from "../protocol/contract.ts";
import type { CreateSweepRequest__Output } from "../protocol/generated/tinct/v1/create_sweep_request.ts";
import type { Sweep as SweepMessage } from "../protocol/generated/tinct/v1/sweep.ts";
import type { WatchSweepRequest__Output } from "../protocol/generated/tinct/v1/watch_sweep_request.ts";
import type { WatchSweepResponse } from "../protocol/generated/tinct/v1/watch_sweep_response.ts";
import { MAX_CLIENT_BYTES } from "../protocol/outgoing.ts";
import { configMessage, fieldName } from "../protocol/training_options.ts";
import type { CallScope } from "../calls/call_scope.ts";
import type { ServerContext } from "./context.ts";
import { serverStream, type ServiceMethods, unary } from "../calls/methods.ts";
import { findTokenFault, fitPage, pageOf, Violations } from "../calls/fields.ts";
import { requireRoom } from "./free_room.ts";
import { specOf, sweepMessage, sweepSummary } from "./sweep_messages.ts";
import { sweepPhotoNeeds } from "./sweep_photos.ts";
import { submitJob } from "./train.ts";

/** Who begins the jobs of sweeps, as clients submit theirs. */
export function openSweepRunner(
  context: ServerContext,
  contract: Contract<PublicService>,
): SweepRunner {
  const { store, feed, supervisor, log } = context;
  const { Train } = contract.service("tinct.v1.ColorizationService");
  const submit = async (trial: TrialJob): Promise<string> => {
    const { dataset, options, displayName, labels, requestId, resumeFrom } = trial;
    // Options come from a checked spec: numbers, words and switches.
    const config = configMessage(options as Record<string, string | number | boolean>);
    const request = { dataset, config, displayName, labels, requestId };
    // Through the wire's form, so that it is a request like any other.
    const sent = Train.requestSerialize(resumeFrom ? { ...request, resumeFrom } : request);
    const { job } = await submitJob(context, Train.requestDeserialize(sent));
    return job.id;
  };
  return new SweepRunner({
    store,
    feed,
    submit,
    cancelJob: (jobId) => supervisor.cancel(jobId),
    begins: context.settings.jobs === "on",
    slots: Math.max(1, supervisor.devices().length),
    leaseMs: context.settings.leaseSeconds * 1000,
    onError: (sweepId, message, cause) =>
      log.write({ level: "error", message, fields: { sweepId }, cause }),
  });
}

/** The calls of tinct.v1.SweepService. */
export function sweepMethods(
  context: ServerContext,
  runner: SweepRunner,
  contract: Contract<PublicService>,
): ServiceMethods<"tinct.v1.SweepService"> {
  const { store, datasets } = context;
  const { GetSweep } = contract.service("tinct.v1.SweepService");
  const show = (sweep: Sweep) => sweepMessage(inWords(sweep, context));
  return {
    CreateSweep: unary(async (message, { signal }) => {
      const { displayName, requestId } = message;
      const violations = new Violations();
      const spec = checkSweep(message, violations, context.settings.replicas);
      violations.refuse();
      const bytes = GetSweep.responseSerialize({ sweep: largestMessage(displayName, spec) }).length;
      violations.check(
        bytes <= MAX_CLIENT_BYTES,
        "spec.parameters",
        `make a sweep whose answer may come to ${bytes} bytes, and clients take ` +
          `${MAX_CLIENT_BYTES}: give fewer trials, or fewer and shorter values`,
      );
      violations.refuse();
      await datasets.folderOf(spec.dataset);
      await requireRoom(context);
      for (const needs of sweepPhotoNeeds(spec, context.settings.replicas)) {
        await context.usablePhotos.require(spec.dataset, needs, signal);
      }
      signal.throwIfAborted(); // looking may have taken long
      const request = requestId === ""
        ? undefined
        : { id: requestId, hash: requestHash({ displayName, spec: plain(spec) }) };
      const sweep = await runner.create({ id: newSweepId(), displayName, spec, request });
      return { sweep: show(sweep) };
    }, (message, violations) => void checkSweep(message, violations, context.settings.replicas)),

    GetSweep: unary(async ({ sweepId }) => {
      return { sweep: show(await store.sweeps.get(sweepId)) };
    }),

    WatchSweep: serverStream((request, scope) => watchSweep(context, runner, request, scope)),

    ListSweeps: unary(async (request) => {
      return await fitPage(pageOf(request), async (page) => {
        const { sweeps, nextPageToken } = await store.sweeps.list(page);
        return {
          sweeps: sweeps.map((sweep) => sweepSummary(inWords(sweep, context))),
          nextPageToken,
        };
      });
    }, findTokenFault((page) => store.sweeps.list(page))),

    CancelSweep: unary(async ({ sweepId }) => {
      await runner.cancel(sweepId);
      return { sweep: show(await store.sweeps.get(sweepId)) };
    }),

    DeleteSweep: unary(async ({ sweepId }) => {
      await store.sweeps.delete(sweepId);
      return {};
    }),
  };
}

/** A sweep whose message a client can read. */
function inWords(sweep: Sweep, { status }: ServerContext): Sweep {
  return { ...sweep, message: status.words.of(sweep.message) };
}

/** Reads a sweep's spec, and notes what is wrong with it. */
function checkSweep(
  { spec: message }: CreateSweepRequest__Output,
  violations: Violations,
  replicas: number,
): SweepSpec {
  const spec = specOf(message, violations);
  if (message === null) return spec;
  const check = { nameOf: fieldName, replicas };
  for (const { field, description } of sweepViolations(spec, check)) {
    violations.check(false, `spec.${field}`, description);
  }
  return spec;
}

/** What a sweep comes to when all its jobs have been measured. */
function largestMessage(displayName: string, spec: SweepSpec): SweepMessage {
  const rungs = spec.halving === null ? 1 : rungSteps(spec.halving).length;
  const runs = Array.from({ length: trialCount(spec) * rungs }, (_, index): SweepRun => ({
    trial: Math.floor(index / rungs),
    rung: index % rungs,
    jobId: newJobId(),
    outcome: "measured",
    value: 1,
    step: 1e9,
  }));
  const times = { createdAtMs: Date.now(), finishedAtMs: Date.now() };
  const state = "SUCCEEDED";
  return sweepMessage({ id: newSweepId(), displayName, spec, state, message: "", runs, ...times });
}

/** A sweep after each of its changes, until it is over. */
async function* watchSweep(
  context: ServerContext,
  runner: SweepRunner,
  { sweepId }: WatchSweepRequest__Output,
  { signal, finishing, end }: CallScope,
): AsyncGenerator<WatchSweepResponse, void, undefined> {
  const { store } = context;
  using _finishing = onAbort(finishing, end);
  let told = "";
  for (;;) {
    signal.throwIfAborted();
    const change = runner.nextChange(sweepId); // before reading, so that none is missed
    const sweep = await store.sweeps.get(sweepId);
    const found = JSON.stringify(sweep);
    if (!store.isShared || found !== told) {
      yield { sweep: sweepMessage(inWords(sweep, context)) };
    }
    told = found;
    if (sweep.state !== "RUNNING") return;
    await unlessAborted(change, signal);
  }
}

/** A spec as JSON has it: without fields that are undefined. */
function plain(spec: ReturnType<typeof specOf>): JsonObject {
  const value: JsonObject = JSON.parse(JSON.stringify(spec));
  return value;
}
