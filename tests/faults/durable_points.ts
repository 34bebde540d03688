/**
 * Counts what a process does to its disk, over all its threads, and kills it before the Nth of them.
 * Loaded in place of `node:fs/promises` and `node:sqlite` by `dying_map.ts`; off until `arm`.
 */
import { closeSync, fstatSync, openSync, readFileSync, statSync, writeSync } from "node:fs";
import process from "node:process";

/** So many bytes of the list are one point. */
const RECORD = 80;

const list = process.env["DYING_LIST"] ?? "";
const dyingPoint = Number(process.env["DYING_POINT"] ?? 0);

/** Begins to count. */
export function arm(): void {
  closeSync(openSync(list, "wx"));
}

/** To be called before something durable is done. */
export function passPoint(name: string): void {
  let file: number;
  try {
    file = openSync(list, 1025); // O_WRONLY | O_APPEND: another thread may write too
  } catch {
    return; // not armed
  }
  writeSync(file, Buffer.from(name.slice(0, RECORD - 1).padEnd(RECORD - 1) + "\n"));
  const passed = fstatSync(file).size / RECORD;
  closeSync(file);
  if (dyingPoint > 0 && passed >= dyingPoint) process.kill(process.pid, "SIGKILL");
}

/** How many points were passed so far. */
export function passedPoints(): number {
  return statSync(list).size / RECORD;
}

/** The points that a list tells of. */
export function pointsOf(path: string): string[] {
  return readFileSync(path, "utf8").split("\n").map((line) => line.trim()).filter(Boolean);
}
