import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { TinctError } from "../../errors.ts";
import type { JsonValue } from "../../jobs/json.ts";
import { encodeJson } from "../../jobs/json.ts";
import type { Page } from "../../jobs/store.ts";

/** Where a page of a list begins. */
interface PageStart {
  /** How many entries it may have. */
  readonly pageSize: number;
  /** The place of the last entry before it; undefined on the first page. */
  readonly after: string | undefined;
}

/**
 * Reads what a caller asks for.
 *
 * @param list what is listed, with its filter: a token of another list is refused.
 * @throws {TinctError} invalid_argument.
 */
export function readPage(list: JsonValue, { pageSize = 50, pageToken = "" }: Page): PageStart {
  if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > 1000) {
    const description = `must be from 1 to 1000, not ${pageSize}`;
    throw new TinctError("invalid_argument", `The page size ${description}.`, {
      violations: [{ field: "pageSize", description }],
    });
  }
  if (pageToken === "") return { pageSize, after: undefined };
  const token = Buffer.from(pageToken, "base64url").toString("utf8");
  const after = token.slice(markLength);
  if (token !== mark(list, after) + after) {
    const description = "must be the next_page_token of the same list with the same filter";
    throw new TinctError("invalid_argument", `The page token ${description}.`, {
      violations: [{ field: "pageToken", description }],
    });
  }
  return { pageSize, after };
}

/**
 * Cuts a page out of rows that were asked for one further than the page goes.
 *
 * @param placeOf the place of an entry in the list's order.
 */
export function cutPage<Entry>(
  list: JsonValue,
  { pageSize }: PageStart,
  entries: readonly Entry[],
  placeOf: (entry: Entry) => string,
): { readonly entries: readonly Entry[]; readonly nextPageToken: string } {
  const last = entries[pageSize - 1];
  if (entries.length <= pageSize || last === undefined) return { entries, nextPageToken: "" };
  const place = placeOf(last);
  const token = Buffer.from(mark(list, place) + place, "utf8").toString("base64url");
  return { entries: entries.slice(0, pageSize), nextPageToken: token };
}

const markLength = 12;

/** Tells a damaged token, or one of another list, from a good one; it keeps no secret. */
function mark(list: JsonValue, place: string): string {
  const hash = createHash("sha256").update(encodeJson([list, place])).digest("hex");
  return hash.slice(0, markLength);
}
