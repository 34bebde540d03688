/** The process that looks at a network before it is imported: started by the server, which alone can talk to it. */
import { workOnExamination } from "../src/workers/examination_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker(workOnExamination);
