/** `node:fs/promises`, counted where it changes the disk: see `durable_points.ts`. */
import * as real from "node:fs/promises";
import { basename } from "node:path";
import { passPoint } from "./durable_points.ts";

export * from "node:fs/promises";

const short = (path: unknown) => basename(String(path)).replace(/\d+-[0-9a-f]{8}$/, "…");

// An arrow function cannot have the overloads of the real one.
export const mkdir = ((...args: Parameters<typeof real.mkdir>) => {
  passPoint(`mkdir ${short(args[0])}`);
  return real.mkdir(...args);
}) as typeof real.mkdir;

export const rename: typeof real.rename = (...args) => {
  passPoint(`rename ${short(args[0])} ${short(args[1])}`);
  return real.rename(...args);
};

export const rm: typeof real.rm = (...args) => {
  passPoint(`rm ${short(args[0])}`);
  return real.rm(...args);
};

export const open: typeof real.open = async (path, flags, mode) => {
  if (flags !== undefined && flags !== "r") passPoint(`open ${short(path)}`);
  const handle = await real.open(path, flags, mode);
  const { sync, write, writeFile } = handle;
  handle.sync = () => {
    passPoint(`sync ${short(path)}`);
    return sync.call(handle);
  };
  // Every form of `write` is passed on as it came.
  handle.write = ((...args: Parameters<typeof write>) => {
    passPoint(`write ${short(path)}`);
    return write.apply(handle, args);
  }) as typeof write;
  handle.writeFile = (...args) => {
    passPoint(`write ${short(path)}`);
    return writeFile.apply(handle, args);
  };
  return handle;
};
