/** The process that measures what a training would take: started by the server. */
import { workOnMeasurement } from "../src/workers/measurement_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker(workOnMeasurement);
