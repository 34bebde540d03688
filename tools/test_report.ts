/** What became of a run of tests. */
export interface TestReport {
  readonly passed: number;
  readonly failed: number;
  /** The skipped tests as `file: name`; the name holds the reason. */
  readonly skipped: readonly string[];
  /** The failed tests as `file: name`. */
  readonly failures: readonly string[];
  /** Every test that ran, and how long it took. The file is the one that calls `Deno.test`. */
  readonly tests: readonly {
    readonly file: string;
    readonly name: string;
    readonly seconds: number;
  }[];
}

/** What became of several runs. */
export function addReports(reports: readonly TestReport[]): TestReport {
  const sum = (of: (report: TestReport) => number) =>
    reports.reduce((all, one) => all + of(one), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failed }) => failed),
    skipped: reports.flatMap(({ skipped }) => skipped),
    failures: reports.flatMap(({ failures }) => failures),
    tests: reports.flatMap(({ tests }) => tests),
  };
}

/** The tests that took longest, the longest first. */
export function slowest({ tests }: TestReport, count: number): TestReport["tests"] {
  return tests.toSorted((a, b) => b.seconds - a.seconds).slice(0, count);
}

/**
 * Counts the tests in the JUnit file that `deno test` writes. A test is counted once, its steps are
 * not.
 *
 * @param xml the file's text.
 */
export function readTestReport(xml: string): TestReport {
  let passed = 0;
  const skipped: string[] = [];
  const failures: string[] = [];
  const timed: { file: string; name: string; seconds: number }[] = [];
  /** Deno lists a step after its test, as `test > step`. */
  const tests = new Set<string>();
  for (const [, attributes = "", content = ""] of xml.matchAll(testCase)) {
    const name = attribute(attributes, "name");
    const file = attribute(attributes, "classname").replace(/^\.\//, "");
    if (parents(name).some((parent) => tests.has(`${file}: ${parent}`))) continue;
    tests.add(`${file}: ${name}`);
    if (content.includes("<skipped")) skipped.push(`${file}: ${name}`);
    else {
      timed.push({ file, name, seconds: Number(attribute(attributes, "time")) });
      if (/<(?:failure|error)\b/.test(content)) failures.push(`${file}: ${name}`);
      else passed++;
    }
  }
  return { passed, failed: failures.length, skipped, failures, tests: timed };
}

/**
 * The test that a run was at when it ended before its time.
 *
 * @param output what `deno test` printed.
 * @returns `file: name`; undefined where it had begun none.
 */
export function lastTest(output: string): string | undefined {
  // deno-lint-ignore no-control-regex
  const lines = output.replace(/\x1b\[[\d;]*m/g, "").split("\n");
  const file = lines.findLast((line) => beginning.test(line))?.match(beginning)?.[1];
  const name = lines.findLast((line) => /^\S.* \.\.\./.test(line))?.replace(/ \.\.\..*/, "");
  return file === undefined ? undefined : `${file}: ${name ?? "before its first test"}`;
}

const beginning = /^running \d+ tests? from (?:\.\/)?(\S+)$/;

/** The line that a run of tests ends with. */
export function summaryLine(
  { passed, failed, skipped }: Pick<TestReport, "passed" | "failed" | "skipped">,
): string {
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
