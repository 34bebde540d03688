import { bidi, serverStream, type ServiceMethods, unary } from "../calls/methods.ts";
import { colorize } from "../colorize_calls/colorize.ts";
import { colorizeFrames } from "../colorize_calls/colorize_frames.ts";
import { colorizeInPieces } from "../colorize_calls/colorize_in_pieces.ts";
import { checkSettings } from "../colorize_calls/colorize_messages.ts";
import { colorizeStream } from "../colorize_calls/colorize_stream.ts";
import type { ServerContext } from "./context.ts";
import { describeJob } from "./job_service.ts";
import { checkMetricsRequest, streamMetrics } from "./stream_metrics.ts";
import { findWishFaults, submitJob } from "./train.ts";

/** The calls of tinct.v1.ColorizationService. */
export function colorizationMethods(
  context: ServerContext,
): ServiceMethods<"tinct.v1.ColorizationService"> {
  const { log } = context;
  return {
    Train: unary(async (request, { fields, signal }) => {
      const { job, repeated } = await submitJob(context, request, signal);
      fields["jobId"] = job.id;
      if (!repeated) {
        const { jobId, client } = fields;
        const told = { jobId, dataset: job.dataset, client };
        log.write({ level: "info", message: "A job was submitted.", fields: told });
      }
      return { job: await describeJob(context, job), repeatedRequest: repeated };
    }, async (request, violations) => {
      const find = () => findWishFaults(context, request, violations);
      await violations.gather(`${request.origin ?? "resumeFrom"}.jobId`, find);
    }),

    StreamMetrics: serverStream(
      (request, scope) => streamMetrics(context, request, scope),
      (request, violations) => void checkMetricsRequest(request, violations),
    ),

    Colorize: unary(
      (request, scope) => colorize(context, request, scope),
      (request, violations) => void checkSettings(request, "", violations),
    ),

    ColorizeInPieces: serverStream(
      (request, scope) => colorizeInPieces(context, request, scope),
      ({ settings }, violations) =>
        void (settings && checkSettings(settings, "settings.", violations)),
    ),

    ColorizeStream: bidi((requests, scope) => colorizeStream(context, requests, scope)),

    ColorizeFrames: bidi((requests, scope) => colorizeFrames(context, requests, scope)),
  };
}
