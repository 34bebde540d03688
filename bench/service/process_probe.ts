import { readdir, readFile } from "node:fs/promises";

/** A process of the server's, at one moment. */
export interface ProcessSample {
  readonly pid: number;
  /** "server", or what a worker is for. */
  readonly program: string;
  readonly timeMs: number;
  readonly rssBytes: number;
  /** Open files, sockets included. */
  readonly handles: number;
}

/** Looks at the server and all its workers; one that ends meanwhile is left out. Linux only. */
export async function sampleProcesses(serverPid: number): Promise<ProcessSample[]> {
  const pids = [serverPid, ...await childrenOf(serverPid)];
  const samples = await Promise.all(pids.map(async (pid) => {
    try {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8");
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      const kilobytes = Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]);
      if (!Number.isFinite(kilobytes)) return []; // a zombie
      const program = pid === serverPid
        ? "server"
        : /workers\/(\w+)\.ts/.exec(command)?.[1] ?? "unknown";
      const handles = (await readdir(`/proc/${pid}/fd`)).length;
      return [{ pid, program, timeMs: performance.now(), rssBytes: 1024 * kilobytes, handles }];
    } catch {
      return [];
    }
  }));
  return samples.flat();
}

async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, "utf8").catch(() => "")),
  );
  return lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
}
