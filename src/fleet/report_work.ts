import { onAbort } from "../abort.ts";
import { errorOf } from "../protocol/faults.ts";
import type { TinctError } from "../errors.ts";
import {
  describeLoss,
  type WorkerMessage,
  WorkerSession,
  type WorkerSetting,
  type WorkerTask,
} from "./worker_session.ts";

/** What a worker is to report. */
interface ReportWish<Report> {
  /** The report, of the message that holds it. */
  readonly reportIn: (message: WorkerMessage) => Report | undefined;
  /** Kills the worker; its reason is thrown. */
  readonly signal: AbortSignal;
  /** What to throw where the worker was lost. @param loss half a sentence. */
  readonly whenLost: (loss: string) => TinctError;
}

/**
 * Has a worker work for a report, from its start to its end.
 *
 * @throws {TinctError} what the work failed with, or `whenLost`; the signal's reason.
 */
export async function workForReport<Report>(
  setting: WorkerSetting,
  task: Omit<WorkerTask, "onMessage">,
  { reportIn, signal, whenLost }: ReportWish<Report>,
): Promise<Report> {
  let report: Report | undefined;
  const session = new WorkerSession(setting, {
    ...task,
    onMessage: (message) => void (report = reportIn(message) ?? report),
  });
  using _listening = onAbort(signal, () => session.kill("nobody waits for its report"));
  const end = await session.ended;
  signal.throwIfAborted();
  if (end.finished?.fault) throw errorOf(end.finished.fault);
  if (report !== undefined && end.finished) return report;
  throw whenLost(describeLoss(end));
}
