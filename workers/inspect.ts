/** The process that looks at the photos of a dataset: started by the server. */
import { workOnInspection } from "../src/workers/inspection_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker(workOnInspection);
