/**
 * The gate before a change is good: `deno task ok [PART…]`. Runs the parts in order, prints what each
 * took, and stops at the first that fails.
 */
import process from "node:process";
import { runDeno } from "./run_tests.ts";

/** Each part by its name, as arguments of Deno. */
const parts: Readonly<Record<string, readonly string[]>> = {
  format: ["fmt", "--check", "--quiet"],
  lint: ["lint", "--quiet"],
  check: ["check", "--quiet", "."],
  layout: ["run", "--allow-read", "tools/check_imports.ts"],
  tests: ["run", "-A", "tools/run_tests.ts"],
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(parts);
for (const name of wanted) {
  const args = parts[name];
  if (args === undefined) {
    console.error(`There is no part "${name}"; the parts are ${Object.keys(parts).join(", ")}.`);
    process.exit(2);
  }
  const start = performance.now();
  const ending = await runDeno(args);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  if (ending !== undefined) {
    console.error(`not ok: ${name} (${ending}, ${seconds} s)`);
    process.exit(1);
  }
  // The tests print their own time, so that their count stays the last line.
  if (name !== "tests") console.log(`ok: ${name} (${seconds} s)`);
}
