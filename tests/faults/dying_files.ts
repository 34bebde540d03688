/** `node:fs/promises`, counted where it changes the disk: see `durable_points.ts`. */
import { constants } from "node:fs";
import * as real from "node:fs/promises";
import { basename } from "node:path";
import { passPoint } from "./durable_points.ts";

export * from "node:fs/promises";

const short = (path: unknown) => basename(String(path)).replace(/\d+-[0-9a-f]{8}$/, "…");

// An arrow function cannot have the overloads of the real one.
export const mkdir = ((...args: Parameters<typeof real.mkdir>) => {
  passPoint(`mkdir ${short(args[0])}`, args[0]);
  return real.mkdir(...args);
}) as typeof real.mkdir;

export const rename: typeof real.rename = (...args) => {
  passPoint(`rename ${short(args[0])} ${short(args[1])}`, args[0]);
  return real.rename(...args);
};

export const rm: typeof real.rm = (...args) => {
  passPoint(`rm ${short(args[0])}`, args[0]);
  return real.rm(...args);
};

export const open: typeof real.open = async (path, flags, mode) => {
  if (!isReading(flags)) passPoint(`open ${short(path)}`, path);
  const handle = await real.open(path, flags, mode);
  const { sync, write, writeFile } = handle;
  handle.sync = () => {
    passPoint(`sync ${short(path)}`, path);
    return sync.call(handle);
  };
  // Every form of `write` is passed on as it came.
  handle.write = ((...args: Parameters<typeof write>) => {
    passPoint(`write ${short(path)}`, path);
    return write.apply(handle, args);
  }) as typeof write;
  handle.writeFile = (...args) => {
    passPoint(`write ${short(path)}`, path);
    return writeFile.apply(handle, args);
  };
  return handle;
};

function isReading(flags: Parameters<typeof real.open>[1]): boolean {
  const { O_RDONLY, O_WRONLY, O_RDWR } = constants;
  if (typeof flags === "number") return (flags & (O_WRONLY | O_RDWR)) === O_RDONLY;
  return flags === undefined || flags === "r";
}
