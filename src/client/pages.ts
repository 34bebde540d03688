/** An answer that may be followed by others. */
interface Page {
  readonly nextPageToken: string;
}

/** The most entries that a server puts on a page. */
const MAX_PAGE_SIZE = 1000;

/**
 * The pages of a list, until the list or the reader's interest ends.
 *
 * @param ask gets the page of a token.
 */
async function* pagesOf<P extends Page>(
  ask: (pageToken: string) => Promise<P>,
): AsyncGenerator<P, void, undefined> {
  for (let pageToken = "";;) {
    const page = await ask(pageToken);
    yield page;
    pageToken = page.nextPageToken;
    if (pageToken === "") return;
  }
}

/**
 * All entries of a list, or its first ones.
 *
 * @param limit at most so many; 0: all.
 * @param ask gets a page of `pageSize` entries at most.
 * @param entriesOf finds the entries of a page.
 */
export async function entriesOf<P extends Page, T>(
  limit: number,
  ask: (page: { readonly pageSize: number; readonly pageToken: string }) => Promise<P>,
  entriesOf: (page: P) => readonly T[],
): Promise<T[]> {
  const entries: T[] = [];
  const pageSize = limit === 0 ? MAX_PAGE_SIZE : Math.min(limit, MAX_PAGE_SIZE);
  for await (const page of pagesOf((pageToken) => ask({ pageSize, pageToken }))) {
    for (const entry of entriesOf(page)) entries.push(entry);
    if (limit > 0 && entries.length >= limit) return entries.slice(0, limit);
  }
  return entries;
}
