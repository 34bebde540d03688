import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import process from "node:process";
import { type Browser, chromium } from "playwright-core";

/** The names of programs that are Chromium. */
const names = ["chromium", "chromium-browser", "google-chrome"];

/** Chromium's path; undefined: there is none. */
export const chromiumPath: string | undefined = (process.env["PATH"] ?? "").split(delimiter)
  .flatMap((folder) => names.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** Starts it. Containers have no place for its sandbox; its pages are ours alone. */
export function openChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
  });
}
