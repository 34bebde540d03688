/** The process that trains: started by the server, which alone can talk to it. */
import { runWorker } from "../src/workers/server_link.ts";
import { workOnTraining } from "../src/workers/training_work.ts";

await runWorker(workOnTraining);
