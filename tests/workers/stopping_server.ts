/** A server's process, for a test that stops it: trains, and says at every loss which worker it has. */
import { SILENCE_SECONDS } from "../in_time.ts";
import { endlessConfig, Workshop } from "../service/workshop.ts";

await using workshop = await Workshop.open({
  heartbeatIntervalMs: 100,
  heartbeatTimeoutMs: SILENCE_SECONDS * 1000,
});
await workshop.submit("job", endlessConfig);
await workshop.eventsUntil("job", ({ kind, payload }) => {
  if (kind === "losses" || payload["trigger"] === "worker_lost") {
    console.log(JSON.stringify({ kind, pid: workshop.workerPid("job"), log: workshop.log.at(-1) }));
  }
  return false;
});
