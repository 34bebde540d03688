import assert from "assert";
import type { JobFilter, Store } from "../../../src/jobs/store.ts";
import { failsWith } from "../../checkpoints/small_run.ts";
import { jobIn, newJob } from "../../jobs/small_job.ts";
import type { Bench } from "./bench.ts";

/** The ids of a list, page by page. */
async function pagesOf(
  store: Store,
  filter: JobFilter,
  pageSize: number,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<string[][]> {
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const { jobs, nextPageToken } = await store.jobs.list(filter, { pageSize, pageToken });
    pages.push(jobs.map(({ id }) => id));
    pageToken = nextPageToken;
    await between();
  } while (pageToken !== "");
  return pages;
}

export function testLists({ test }: Bench): void {
  test("list() gives the newest first, in pages", async (store, clock) => {
    assert.deepEqual(await pagesOf(store, {}, 2), [[]]);
    for (const id of ["a", "b", "c", "d"]) {
      await store.jobs.create(newJob(id));
      clock.nowMs -= 1000;
    }
    assert.deepEqual(await pagesOf(store, {}, 3), [["d", "c", "b"], ["a"]]);
    assert.deepEqual(await pagesOf(store, {}, 2), [["d", "c"], ["b", "a"]], "no empty last page");
  });

  test("jobs that come and go between two pages move nothing", async (store) => {
    for (const id of ["a", "b", "c", "d", "e"]) await jobIn(store, id, "CANCELLED");
    let count = 0;
    const pages = await pagesOf(store, {}, 2, async () => {
      await store.jobs.create(newJob(`new-${count}`));
      if (count++ === 0) await store.jobs.delete("d"); // the last of the page before
    });
    assert.deepEqual(pages, [["e", "d"], ["c", "b"], ["a"]]);
  });

  test("list() filters by states and by labels", async (store) => {
    const label = (id: string, labels: Record<string, string>) =>
      store.jobs.create(newJob(id, { labels }));
    await label("a", { team: "blue", size: "1" });
    await label("b", { team: "blue" });
    await label("c", { team: "red", size: "1" });
    await label("d", {});
    await store.jobs.claim("cpu"); // a
    await store.jobs.trigger("b", "pause_requested");
    const ids = async (filter: JobFilter) => (await pagesOf(store, filter, 1)).flat().join("");
    assert.equal(await ids({ labels: { team: "blue" } }), "ba");
    assert.equal(await ids({ labels: { team: "blue", size: "1" } }), "a");
    assert.equal(await ids({ labels: { size: "2" } }), "");
    assert.equal(await ids({ labels: { team: "' OR 1=1 --" } }), "");
    assert.equal(await ids({ states: ["RUNNING"] }), "a");
    assert.equal(await ids({ states: ["QUEUED", "PAUSED"] }), "dcb");
    assert.equal(await ids({ states: ["PAUSED"], labels: { team: "blue" } }), "b");
    assert.equal(await ids({ states: [] }), "");
    assert.equal(await ids({ labels: {} }), "dcba");
  });

  test("a page token fits the list it came from alone", async (store) => {
    for (const id of ["a", "b"]) await store.jobs.create(newJob(id));
    const { nextPageToken: pageToken } = await store.jobs.list({}, { pageSize: 1 });
    assert.notEqual(pageToken, "");
    const refusal = failsWith("invalid_argument", /page token/);
    await assert.rejects(store.jobs.list({ states: ["QUEUED"] }, { pageToken }), refusal);
    await assert.rejects(store.jobs.list({ labels: { a: "b" } }, { pageToken }), refusal);
    await assert.rejects(store.models.list({ pageToken }), refusal);
    for (const forged of ["x", "%", "2", `${pageToken}AAAA`, pageToken.slice(1)]) {
      await assert.rejects(store.jobs.list({}, { pageToken: forged }), refusal);
    }
  });

  test("a page has 1 to 1000 entries", async (store) => {
    for (const pageSize of [0, -1, 1001, 1.5, NaN]) {
      const refusal = failsWith("invalid_argument", /from 1 to 1000/, RegExp(`not ${pageSize}`));
      await assert.rejects(store.jobs.list({}, { pageSize }), refusal);
    }
    for (const pageSize of [1, 1000]) await store.jobs.list({}, { pageSize });
  });
}
