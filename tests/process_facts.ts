import { readFile } from "node:fs/promises";

/** Processor time that all threads of a process have had, in milliseconds; proc(5) counts in hundredths. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13);
  return 10 * (Number(user) + Number(system));
}
