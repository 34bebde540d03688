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
/** What the path of a file has in it that counts; "": all count. */
const place = process.env["DYING_PLACE"] ?? "";
/** How many of the same in a row count: a file may be written in many pieces. */
const mostRepeats = Number(process.env["DYING_REPEATS"] ?? Infinity);
let isOver = false;
let last = "";
let repeats = 0;

/** Begins to count. */
export function arm(): void {
  closeSync(openSync(list, "wx"));
}

/** Ends counting; whoever has passed all points by then lives. */
export function disarm(): void {
  isOver = true;
}

/** To be called before something durable is done. @param path where it is done. */
export function passPoint(name: string, path: unknown = ""): void {
  if (isOver || !String(path).includes(place)) return;
  repeats = name === last ? repeats + 1 : 1;
  last = name;
  if (repeats > mostRepeats) return;
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
