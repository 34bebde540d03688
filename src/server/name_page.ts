import { TinctError } from "../errors.ts";

/**
 * A page of a sorted list of names. What is added or removed meanwhile does not move later pages.
 *
 * @returns the page as a range of the list; an empty token after the last.
 * @throws {TinctError} invalid_argument.
 */
export function pageOfNames(
  names: readonly string[],
  { pageSize, pageToken }: { readonly pageSize: number; readonly pageToken: string },
): { from: number; to: number; nextPageToken: string } {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
    throw refusal("pageSize", `must be from 1 to 1000, not ${pageSize}`);
  }
  const after = Buffer.from(pageToken, "base64url").toString("utf8");
  if (pageToken !== "" && (after === "" || tokenOf(after) !== pageToken)) {
    throw refusal("pageToken", "must be the next_page_token of the page before");
  }
  const from = pageToken === "" ? 0 : firstAfter(names, after);
  const to = Math.min(names.length, from + pageSize);
  const last = names[to - 1];
  return {
    from,
    to,
    nextPageToken: to < names.length && last !== undefined ? tokenOf(last) : "",
  };
}

/** How many of the sorted names do not come after this one. */
function firstAfter(names: readonly string[], after: string): number {
  let [from, to] = [0, names.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((names[middle] ?? "") > after) to = middle;
    else from = middle + 1;
  }
  return from;
}

function tokenOf(name: string): string {
  return Buffer.from(name, "utf8").toString("base64url");
}

function refusal(field: string, description: string): TinctError {
  return new TinctError("invalid_argument", `The page is invalid: ${field} ${description}.`, {
    violations: [{ field, description }],
  });
}
