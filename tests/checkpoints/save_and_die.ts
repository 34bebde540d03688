/**
 * Run by checkpoint_crash_test.ts: saves a checkpoint and kills itself on the way.
 * Arguments: run folder, the training step, and after how many steps of the saving to die (0: not).
 * Prints the steps that the saving took.
 */
import process from "node:process";
import { openCheckpointStore } from "../../src/checkpoints/checkpoint_store.ts";
import { trainingState } from "./small_run.ts";

const [runFolder = "", step, survives] = process.argv.slice(2);
const taken: string[] = [];
const store = await openCheckpointStore(runFolder, {
  programVersion: "1",
  keepLast: 1,
  failpoint: (name) => {
    if (taken.push(name) === Number(survives)) process.kill(process.pid, "SIGKILL");
  },
});
await store.save(trainingState(Number(step)));
process.stdout.write(JSON.stringify(taken));
