/** The process that scales sample sheets for watchers: started by the server. */
import { workOnScaling } from "../src/workers/scaling_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker(workOnScaling);
