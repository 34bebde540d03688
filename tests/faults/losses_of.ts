import { readFile } from "node:fs/promises";

/** What each step of a run came to: every loss of its metrics.jsonl, without times and paces. */
export async function lossesOf(runFolder: string) {
  const text = await readFile(`${runFolder}/metrics.jsonl`, "utf8");
  const entries: Record<string, unknown>[] = text.trim().split("\n").map((line) =>
    JSON.parse(line)
  );
  return entries.flatMap((entry) => {
    const { step } = entry;
    const losses = Object.entries(entry).filter(([name]) => name.startsWith("loss_"));
    return losses.length === 0 ? [] : [{ step, losses }];
  });
}
