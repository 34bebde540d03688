import assert from "assert";
import type { ListCheckpointsResponse__Output } from "../../src/protocol/generated/tinct/v1/list_checkpoints_response.ts";
import { answer } from "../service/scene.ts";
import {
  type Event,
  openWorkingScene,
  stateOf,
  stepsBefore,
  watchUntil,
} from "../service/working_scene.ts";
import { endlessConfig } from "../service/workshop.ts";

Deno.test("checkpoints that a killed worker could not tell of are listed once the next one begins", async () => {
  await using working = await openWorkingScene();
  const { scene } = working;
  const { checkpoints, append, forgetCheckpoints } = scene.store.events;
  const list = async (jobId: string) => {
    const listed = await answer<ListCheckpointsResponse__Output>((back) =>
      scene.jobs.listCheckpoints({ jobId }, back)
    );
    return listed.checkpoints;
  };
  const checkpointEvery = 4;
  const jobId = await working.train({ ...endlessConfig, checkpointEvery, keepCheckpoints: 2 });
  /** Pauses the job; where a checkpoint is due at that step the next worker saves it again, so not there. */
  const pauseBetween = async (fromSequence: number): Promise<Event> => {
    for (let from = fromSequence;;) {
      await answer((back) => scene.jobs.pauseTrainingJob({ jobId }, back));
      const isPaused = (event: Event) => stateOf(event) === "PAUSED";
      const events = await watchUntil(scene, { jobId, fromSequence: from }, isPaused);
      const paused = events.at(-1)!;
      const [newest] = await list(jobId);
      if (newest!.step % checkpointEvery !== 0) return paused;
      await answer((back) => scene.jobs.resumeTrainingJob({ jobId }, back));
      from = paused.sequence + 1;
      const more = await watchUntil(scene, { jobId, fromSequence: from }, ({ losses }) => !!losses);
      from = more.at(-1)!.sequence + 1;
    }
  };
  const isSaved = ({ checkpoint }: Event) => Number(checkpoint?.step) >= 8;
  const before = await watchUntil(scene, { jobId }, isSaved);
  const paused = await pauseBetween(before.at(-1)!.sequence + 1);
  const written = await list(jobId);
  const [newest, older] = written;
  assert.ok(newest && older && newest.step > older.step);

  // As a kill leaves it between a checkpoint's rename and the news of it: the newest is not recorded,
  // and one that made room for it still is.
  const recorded = (await checkpoints(jobId)).find(({ step }) => step === older.step)!;
  const { epoch, sizeBytes, best } = recorded;
  const path = recorded.path.replace(/\d+$/, "00000001");
  const gone = { step: 1, epoch, sizeBytes, best, path };
  await append(jobId, [{ kind: "checkpoint", payload: { step: 1 }, checkpoint: gone }]);
  await forgetCheckpoints(jobId, [newest.step]);
  assert.deepEqual((await list(jobId)).map(({ step }) => step), [older.step, 1]);

  await answer((back) => scene.jobs.resumeTrainingJob({ jobId }, back));
  const next = paused.sequence + 2; // past the one that was appended here
  const seen = await watchUntil(scene, { jobId, fromSequence: next }, ({ losses }) => !!losses);
  assert.equal(stepsBefore(seen.at(-1)!), newest.step, "it goes on from the one not recorded");
  const told = seen.flatMap(({ checkpoint }) => checkpoint ?? []);
  const [known] = told;
  const toldOnce = told.filter(({ step }) => step <= newest.step).map(({ step }) => step);
  assert.deepEqual(toldOnce, [newest.step], "watchers are told, too");
  const listed = await list(jobId);
  assert.ok(!listed.some(({ step }) => step === 1), "what is gone is forgotten");
  assert.deepEqual(
    [known?.epoch, known?.sizeBytes, known?.best],
    [newest.epoch, newest.sizeBytes, newest.best],
    "as if it had been told when it was written",
  );

  await pauseBetween(seen.at(-1)!.sequence + 1);
  const listedThen = (await list(jobId)).map(({ step }) => step);
  await answer((back) => scene.jobs.resumeTrainingJob({ jobId }, back));
  const { lastSequence } = await scene.store.jobs.get(jobId);
  const quiet = await watchUntil(
    scene,
    { jobId, fromSequence: lastSequence },
    ({ losses }) => !!losses,
  );
  const repeated = quiet.filter(({ checkpoint }) =>
    checkpoint && listedThen.includes(checkpoint.step)
  );
  assert.deepEqual(repeated, [], "what is known is not repeated");
});
