/** The process that looks at the photos of a dataset, or makes small pictures of some: started by the server. */
import { workOnInspection } from "../src/workers/inspection_work.ts";
import { workOnPreviews } from "../src/workers/preview_work.ts";
import { runWorker } from "../src/workers/server_link.ts";

await runWorker((work) => work.assignment.preview ? workOnPreviews(work) : workOnInspection(work));
