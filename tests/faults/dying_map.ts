import { readFile, writeFile } from "node:fs/promises";

/**
 * Writes an import map with which the program's own files get their disk from stand-ins; tests and
 * packages keep the real one.
 *
 * @param standIn what stands in for `node:fs/promises`; `dying_sqlite.ts` does for `node:sqlite`.
 */
export async function writeDyingMap(
  path: string,
  standIn: "dying_files.ts" | "dying_saves.ts" = "dying_files.ts",
): Promise<void> {
  const root = new URL("../../", import.meta.url);
  const { imports }: { imports: Record<string, string> } = JSON.parse(
    await readFile(new URL("deno.json", root), "utf8"),
  );
  // A given map is taken as it stands, where deno.json's lets packages' files be named as well.
  const files = Object.entries(imports).filter(([, to]) => /^npm:[^/]/.test(to))
    .map(([name, to]) => [`${name}/`, `${to.replace("npm:", "npm:/")}/`]);
  const here = (name: string) => new URL(name, import.meta.url).href;
  const scope = {
    "node:fs/promises": here(`./${standIn}`),
    "node:sqlite": here("./dying_sqlite.ts"),
  };
  const map = {
    imports: { ...imports, ...Object.fromEntries(files) },
    scopes: { [new URL("src/", root).href]: scope },
  };
  await writeFile(path, JSON.stringify(map));
}
