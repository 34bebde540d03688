import { Buffer } from "node:buffer";
import { TinctError } from "../errors.ts";
import type { UploadWeightsRequest__Output } from "../protocol/generated/tinct/v1/upload_weights_request.ts";
import type { UploadWeightsResponse } from "../protocol/generated/tinct/v1/upload_weights_response.ts";
import type { UploadWeightsStart__Output } from "../protocol/generated/tinct/v1/upload_weights_start.ts";
import type { Weights } from "../protocol/generated/tinct/v1/weights.ts";
import type { WeightsNetwork } from "../protocol/generated/tinct/v1/weights_network.ts";
import { memberOf } from "../protocol/one_of.ts";
import { MAX_PIECE_BYTES } from "../protocol/pieces.ts";
import { releaseBuffer } from "../protocol/release_buffer.ts";
import { timestampOf } from "../protocol/times.ts";
import { configMessage } from "../protocol/training_options.ts";
import { counted } from "../words.ts";
import type { CallScope } from "../calls/call_scope.ts";
import { findTokenFault, pageOf, Violations } from "../calls/fields.ts";
import { clientStream, type ServiceMethods, unary } from "../calls/methods.ts";
import type { ArrivingWeights, WeightsFile } from "../weights/weights_files.ts";
import type { ServerContext } from "./context.ts";
import { ExclusiveNames } from "../leases/exclusive_names.ts";
import type { HeldLease } from "../leases/held_lease.ts";
import { requireRoom } from "./free_room.ts";
import { pageOfNames } from "./name_page.ts";

/** The calls of tinct.v1.WeightsService. */
export function weightsMethods(context: ServerContext): ServiceMethods<"tinct.v1.WeightsService"> {
  const { weights } = context;
  const exclusive = new ExclusiveNames(context.store, "weights", inUse);
  return {
    UploadWeights: clientStream((requests, scope) => receive(context, exclusive, requests, scope)),

    ListWeights: unary(async (request) => {
      const names = await weights.names();
      const { from, to, nextPageToken } = pageOfNames(names, pageOf(request));
      const found: Weights[] = [];
      for (const name of names.slice(from, to)) {
        const file = await weights.findForList(name);
        if (file !== undefined) found.push(messageOf(file)); // else it has gone meanwhile
      }
      return { weights: found, nextPageToken };
    }, findTokenFault((page) => pageOfNames([], page))),

    GetWeights: unary(async ({ name }) => ({ weights: messageOf(await weights.get(name)) })),

    DeleteWeights: unary(async ({ name }) => {
      await weights.require(name);
      await exclusive.alone(name, (lease) => weights.delete(name, () => lease.requireHeld()));
      return {};
    }),
  };
}

/** One call of UploadWeights. */
async function receive(
  context: ServerContext,
  exclusive: ExclusiveNames,
  requests: AsyncIterableIterator<UploadWeightsRequest__Output>,
  scope: CallScope,
): Promise<UploadWeightsResponse> {
  const first = await requests.next();
  const start = first.done ? undefined : memberOf(first.value, "part");
  if (start?.kind !== "start") throw misplaced("The first message of an upload must be `start`");
  const found = context.status.requests
    .violationsOf("tinct.v1.UploadWeightsStart", start.value, "start.");
  const violations = new Violations(found);
  const { name, sizeBytes, sha256 } = start.value;
  violations.check(
    sha256.length === 32,
    "start.sha256",
    `must have 32 bytes, not ${sha256.length}`,
  );
  violations.refuse();
  return await exclusive.alone(name, async (lease) => {
    scope.fields["weights"] = name;
    const before = await context.weights.find(name);
    const digits = sha256.toString("hex");
    if (before?.ready !== undefined) {
      if (before.ready.sha256 === digits) return { weights: messageOf(before) };
      throw new TinctError(
        "already_exists",
        `There are other weights ${name}; delete them, or upload under another name.`,
      );
    }
    await refuseUnfitting(context, start.value, before);
    if (!(await takeAll(context, start.value, requests, lease))) {
      const arrived = await context.weights.find(name);
      return { weights: messageOf(arrived ?? { name, sizeBytes: 0, ready: undefined }) };
    }
    const mayChange = () => lease.requireHeld();
    const signal = AbortSignal.any([scope.signal, lease.lost]);
    const kept = await context.weights.keep(name, digits, { mayChange, signal }).catch(asRefusal);
    context.log.write({
      level: "info",
      message: `Weights of a ${kept.ready?.network} have arrived.`,
      fields: { ...scope.fields, sizeBytes },
    });
    return { weights: messageOf(kept) };
  });
}

/** @throws {TinctError} resource_exhausted; invalid_argument for an offset other than what is there. */
async function refuseUnfitting(
  context: ServerContext,
  { sizeBytes, offset }: UploadWeightsStart__Output,
  before: WeightsFile | undefined,
): Promise<void> {
  const { settings: { maxWeights, maxWeightsMib }, weights } = context;
  const never = { retryDelayMs: Infinity };
  if (sizeBytes > maxWeightsMib * 2 ** 20) {
    throw new TinctError(
      "resource_exhausted",
      `A file of weights may have ${maxWeightsMib} MiB, not ${sizeBytes} bytes.`,
      { kind: "TOO_LARGE", ...never },
    );
  }
  const there = before?.sizeBytes ?? 0;
  if (offset !== 0 && offset !== there) {
    const description = `must be 0 or ${there}, which is what has arrived, not ${offset}`;
    throw new TinctError("invalid_argument", `The offset ${description}.`, {
      violations: [{ field: "start.offset", description }],
    });
  }
  if (before === undefined && (await weights.names()).length >= maxWeights) {
    throw new TinctError(
      "resource_exhausted",
      `The server keeps ${counted(maxWeights, "file")} of weights; delete some.`,
      { kind: "UPLOADS_FULL", ...never },
    );
  }
  await requireRoom(context);
}

/** Takes what arrives; where nothing does, all stays as it is. @returns whether all of the file is there. */
async function takeAll(
  { weights }: ServerContext,
  { name, sizeBytes, offset }: UploadWeightsStart__Output,
  requests: AsyncIterableIterator<UploadWeightsRequest__Output>,
  lease: HeldLease,
): Promise<boolean> {
  await using owner = new AsyncDisposableStack();
  let file: ArrivingWeights | undefined;
  for await (const message of requests) {
    const part = memberOf(message, "part");
    if (part?.kind !== "data") throw misplaced("After `start` comes `data`");
    const { length } = part.value;
    if (length > MAX_PIECE_BYTES) {
      throw misplaced(`A piece may have ${MAX_PIECE_BYTES} bytes, not ${length}`, "data");
    }
    lease.requireHeld(); // the piece may have been long in coming
    file ??= owner.use(await weights.receive(name, offset));
    if (file.sizeBytes + length > sizeBytes) {
      throw misplaced(`More than the ${sizeBytes} bytes arrived that were announced`, "data");
    }
    await file.write(part.value);
    releaseBuffer(part.value);
  }
  return (file?.sizeBytes ?? offset) === sizeBytes;
}

/** What is wrong with a file that a client sent is no loss of the server's data. */
function asRefusal(error: unknown): never {
  const isItsOwn = error instanceof TinctError &&
    ["failed_precondition", "data_loss"].includes(error.code);
  if (!isItsOwn) throw error;
  const description = `is not taken: ${error.message}`;
  throw new TinctError("invalid_argument", error.message, {
    violations: [{ field: "data", description }],
  });
}

function messageOf({ name, sizeBytes, ready, isDamaged }: WeightsFile): Weights {
  if (ready === undefined) {
    return {
      name,
      sizeBytes,
      state: isDamaged ? "WEIGHTS_STATE_DAMAGED" : "WEIGHTS_STATE_UPLOADING",
    };
  }
  const network = `WEIGHTS_NETWORK_${ready.network.toUpperCase()}` as WeightsNetwork;
  return {
    name,
    sizeBytes,
    state: "WEIGHTS_STATE_READY",
    network,
    width: ready.width,
    seesColor: ready.seesColor,
    sha256: Buffer.from(ready.sha256, "hex"),
    createTime: timestampOf(ready.createdAtMs),
    generator: ready.generator ? configMessage(ready.generator) : null,
  };
}

function inUse(name: string): TinctError {
  return new TinctError(
    "failed_precondition",
    `Another call uploads the weights ${name} or deletes them; wait until it has ended.`,
  );
}

function misplaced(what: string, field = "part"): TinctError {
  return new TinctError("invalid_argument", `${what}.`, {
    violations: [{ field, description: `is invalid: ${what}` }],
  });
}
