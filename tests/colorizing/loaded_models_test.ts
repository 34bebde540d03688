import assert from "assert";
import { LoadedModels } from "../../src/colorizing/loaded_models.ts";
import { ModelBudget } from "../../src/colorizing/model_budget.ts";
import type { WorkResponse } from "../../src/protocol/generated/tinct/worker/v1/work_response.ts";

/** What a worker is told, in words, and the models that are kept for it. */
function desk(budget: number | ModelBudget) {
  const told: string[] = [];
  const ids = new Map<string, number>();
  const models = new LoadedModels(({ load, unload }: WorkResponse) => {
    if (load) ids.set(load.folder ?? "", Number(load.modelId));
    const folder = [...ids].find(([, id]) => id === unload?.modelId)?.[0];
    told.push(load ? `load ${load.folder}` : `unload ${folder}`);
  }, typeof budget === "number" ? new ModelBudget(budget) : budget);
  const answer = (folder: string, fault: { code: number; message: string } | null = null) =>
    models.noteLoaded({
      modelId: ids.get(folder) ?? 0,
      size: 32,
      weights: "GENERATOR_WEIGHTS_RAW",
      fault: fault && { ...fault, violations: [] },
    });
  const load = async (folder: string) => {
    const using = models.use(folder);
    answer(folder);
    return await using;
  };
  return { models, told, answer, load };
}

Deno.test("a model goes when another has been loaded in its place, not before", async () => {
  const { models, told, answer, load } = desk(1);
  (await load("a"))[Symbol.dispose]();
  const next = models.use("b");
  assert.deepEqual(told, ["load a", "load b"]);
  assert.deepEqual([models.isLoaded("a"), models.isLoaded("b")], [true, false]);
  answer("b");
  assert.deepEqual(told, ["load a", "load b", "unload a"]);
  assert.deepEqual([models.isLoaded("a"), models.isLoaded("b")], [false, true]);
  (await next)[Symbol.dispose]();
  assert.equal(told.length, 3);
});

Deno.test("the models used last stay, and one in use does in any case", async () => {
  const { told, load, models } = desk(2);
  (await load("a"))[Symbol.dispose]();
  (await load("b"))[Symbol.dispose]();
  const inUse = await models.use("a"); // is now the one used last
  (await load("c"))[Symbol.dispose]();
  assert.deepEqual(told, ["load a", "load b", "load c", "unload b"]);
  (await load("d"))[Symbol.dispose]();
  assert.equal(told.at(-1), "unload c", "a is older, but in use");
  inUse[Symbol.dispose]();
  (await load("e"))[Symbol.dispose]();
  assert.equal(told.at(-1), "unload a");
});

Deno.test("the one that was last asked for stays, though only another is still in use", async () => {
  const { models, told, answer, load } = desk(1);
  const old = await load("old");
  const held = models.use("new");
  answer("new");
  (await held)[Symbol.dispose]();
  assert.deepEqual(told, ["load old", "load new"], "the old one is in use");
  old[Symbol.dispose]();
  assert.deepEqual([models.isLoaded("old"), models.isLoaded("new")], [false, true]);
});

Deno.test("a model that could not be loaded takes no place, and is tried again", async () => {
  const { models, told, answer, load } = desk(1);
  (await load("a"))[Symbol.dispose]();
  const bad = models.use("b");
  answer("b", { code: 15, message: "damaged" });
  await assert.rejects(bad, { code: "data_loss", message: "damaged" });
  assert.deepEqual([models.isLoaded("a"), models.isLoaded("b")], [true, false]);
  (await load("b"))[Symbol.dispose]();
  assert.deepEqual(told, ["load a", "load b", "load b", "unload a"]);
});

Deno.test("when the worker is gone nothing is loaded, and who waits hears why", async () => {
  const { models, load } = desk(2);
  (await load("a"))[Symbol.dispose]();
  const waiting = models.use("b");
  const gone = new Error("gone");
  models.fail(gone);
  await assert.rejects(waiting, gone);
  await assert.rejects(models.use("a"), gone);
  assert.equal(models.isLoaded("a"), false);
});

Deno.test("a model that is unloaded goes with its last user, and is loaded anew for the next", async () => {
  const { models, told, answer, load } = desk(3);
  const used = await load("a");
  (await load("b"))[Symbol.dispose]();
  models.unload("b");
  models.unload("none");
  assert.deepEqual(told, ["load a", "load b", "unload b"]);
  models.unload("a");
  assert.equal(models.isLoaded("a"), false);
  assert.equal(told.length, 3, "somebody uses it");
  const anew = models.use("a");
  assert.deepEqual(told.slice(3), ["load a"]);
  models.unload("a");
  answer("a");
  (await anew)[Symbol.dispose]();
  assert.equal(models.isLoaded("a"), true, "one that is being loaded stays");
  assert.notEqual((await models.use("a")).modelId, used.modelId);
  used[Symbol.dispose]();
  assert.equal(told.length, 5);
});

Deno.test("workers of a device hold models together, and a second copy goes first", async () => {
  const budget = new ModelBudget(3);
  const [first, second] = [desk(budget), desk(budget)];
  (await first.load("a"))[Symbol.dispose]();
  (await first.load("b"))[Symbol.dispose]();
  assert.ok(budget.hasRoom);
  (await second.load("b"))[Symbol.dispose]();
  assert.ok(!budget.hasRoom);
  (await second.load("c"))[Symbol.dispose]();
  assert.deepEqual(first.told, ["load a", "load b", "unload b"], "a is older, but the only one");
  assert.deepEqual(second.told, ["load b", "load c"]);
  (await second.load("d"))[Symbol.dispose]();
  assert.equal(first.told.at(-1), "unload a");
  first.models.fail(new Error("its worker is gone"));
  (await first.models.use("e").catch(() => undefined))?.[Symbol.dispose]();
  assert.ok(!budget.hasRoom, "what the other has is counted on");
  second.models.leaveBudget();
  assert.ok(budget.hasRoom, "one that is replaced keeps its own beside its successor's");
  assert.ok(second.models.isLoaded("b") && second.models.isLoaded("d"));
});
