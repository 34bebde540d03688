import assert from "assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { getPriority } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { JobEvent } from "../../src/jobs/job_event.ts";
import { until } from "../in_time.ts";
import { isAlive } from "../process_facts.ts";
import { changes, endlessConfig, Workshop } from "../service/workshop.ts";

Deno.test("a worker does not outlive a server that is killed, and the next one goes on", async () => {
  const script = fileURLToPath(new URL("./lonely_server.ts", import.meta.url));
  const server = spawn(process.execPath, ["run", "-A", "--no-check", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(server, "exit");
  const [line] = await once(createInterface({ input: server.stdout }), "line");
  const { pid, folder }: { pid: number; folder: string } = JSON.parse(line);
  assert.ok(existsSync(`/proc/${pid}`));
  process.kill(server.pid ?? 0, "SIGKILL");
  await exited;
  await until(async () => !await isAlive(pid), "the worker is gone", 5);

  const place = { path: folder, join: (...names: string[]) => join(folder, ...names) };
  await using workshop = await Workshop.open({}, place);
  const recovered = ({ payload }: JobEvent) => payload["trigger"] === "server_stopped";
  const seen = await workshop.eventsUntil("job", recovered);
  assert.equal(changes(seen).at(-1), "RUNNING→QUEUED by server_stopped");
  seen.forEach(({ sequence }, index) => assert.equal(sequence, index + 1));
  const checkpoint = (await workshop.store.events.checkpoints("job")).at(-1)?.step ?? 0;
  const isLosses = ({ kind }: JobEvent) => kind === "losses";
  const later = await workshop.eventsUntil("job", isLosses, seen.length + 1);
  const { payload, attempt } = later.at(-1) ?? {};
  assert.equal(attempt, 2);
  assert.equal(Number(payload?.["step"]) - Number(payload?.["steps"]), checkpoint);
});

Deno.test("a training worker stands back behind the server where processors are scarce", async () => {
  await using workshop = await Workshop.open();
  const { id } = await workshop.submit("job-a", endlessConfig);
  await workshop.eventsUntil(id, ({ kind }) => kind === "losses");
  assert.equal(getPriority(workshop.workerPid(id)), Math.min(19, getPriority() + 5));
  await workshop.supervisor.cancel(id);
  await workshop.history(id);
});
