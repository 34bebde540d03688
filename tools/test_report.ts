/** What became of a run of tests. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  /** The skipped tests as `file: name`; the name holds the reason. */
  readonly skipped: readonly string[];
}

/**
 * Counts the tests in the JUnit file that `deno test` writes. A test is counted once, its steps are
 * not.
 *
 * @param xml the file's text.
 */
export function readTestReport(xml: string): TestReport {
  let passed = 0;
  let failed = 0;
  const skipped: string[] = [];
  /** Deno lists a step after its test, as `test > step`. */
  const tests = new Set<string>();
  for (const [, attributes = "", content = ""] of xml.matchAll(testCase)) {
    const name = attribute(attributes, "name");
    const file = attribute(attributes, "classname").replace(/^\.\//, "");
    if (parents(name).some((parent) => tests.has(`${file}: ${parent}`))) continue;
    tests.add(`${file}: ${name}`);
    if (content.includes("<skipped")) skipped.push(`${file}: ${name}`);
    else if (/<(?:failure|error)\b/.test(content)) failed++;
    else passed++;
  }
  return { passed, failed, skipped };
}

/** The line that a run of tests ends with. */
export function summaryLine({ passed, failed, skipped }: TestReport): string {
  const rest = skipped.length === 0 ? "" : `, ${skipped.length} skipped`;
  return `${passed} passed, ${failed} failed${rest}`;
}

const testCase = /<testcase\b([^>]*?)(?:\/>|>([^]*?)<\/testcase>)/g;

function attribute(attributes: string, name: string): string {
  const value = attributes.match(new RegExp(`(?:^|\\s)${name}="([^"]*)"`))?.[1] ?? "";
  return value.replace(/&(lt|gt|quot|apos|amp);/g, (_, entity: string) => entities[entity] ?? "");
}

const entities: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  amp: "&",
};

/** Of `a > b > c`: `a` and `a > b`. */
function parents(name: string): string[] {
  const parts = name.split(" > ");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join(" > "));
}
