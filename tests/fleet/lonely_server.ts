/** A server's process, for a test that kills it: trains, and says which process its worker is. */
import { endlessConfig, Workshop } from "../service/workshop.ts";

await using workshop = await Workshop.open();
await workshop.submit("job", endlessConfig);
await workshop.eventsUntil("job", ({ kind }) => kind === "losses");
console.log(JSON.stringify({ pid: workshop.workerPid("job"), folder: workshop.folder.path }));
await workshop.history("job");
