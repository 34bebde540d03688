/** The process that colorizes photos: started by the server, which alone can talk to it. */
import { workOnColorizing } from "../src/workers/colorizing_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker(workOnColorizing);
