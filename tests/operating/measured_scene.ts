import { Metrics } from "../../src/operating/metrics.ts";
import { localProcesses } from "../../src/fleet/local_process.ts";
import { jobIn } from "../jobs/small_job.ts";
import { Scene } from "../service/scene.ts";
import { StoreWorkforce } from "../service/store_workforce.ts";

/** A server that is measured. */
export async function measured(): Promise<{ scene: Scene; metrics: Metrics }> {
  let metrics: Metrics | undefined;
  const scene = await Scene.open({}, (store) => {
    const workforce = new StoreWorkforce(store);
    metrics = new Metrics(store, workforce.supervisor, localProcesses());
    return Promise.resolve(workforce);
  }, { metrics: () => metrics! });
  return { scene, metrics: metrics! };
}

/** Has a job run that has told all there is to tell: at step 40, having lost a worker. */
export async function addRunningJob({ store }: Scene, jobId: string): Promise<void> {
  await jobIn(store, jobId, "RUNNING");
  await store.events.append(jobId, [
    {
      kind: "losses",
      payload: {
        ...{ step: 40, epoch: 1.5, lossD: 0.5, lossGL1: 12.25, lrG: 2e-4, lrD: 1e-4 },
        ...{ imagesPerSecond: 8.5, timeLeft: { seconds: 90, nanos: 500_000_000 } },
      },
    },
    { kind: "validation", payload: { step: 40, photos: 8, psnrDb: 22.5 } },
    { kind: "heartbeat", payload: { residentBytes: 1_000_000 } },
  ]);
  await store.jobs.trigger(jobId, "worker_lost");
}
