import { Batcher } from "../../provider/superset/batcher";

const tick = (milliseconds = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

function batcher(run: (items: readonly string[], release: () => void) => Promise<readonly ({ value: string } | { error: unknown })[]>, maxItems = 10): Batcher<string, string> {
  return new Batcher({ key: (item) => item, maxItems, gatherMs: 1, run });
}

test("what arrives while a batch is under way goes together as the next", async () => {
  const batches: string[][] = [];
  const one = batcher(async (items) => {
    batches.push([...items]);
    await tick(20);
    return items.map((item) => ({ value: item.toUpperCase() }));
  });
  const first = one.add("a");
  await tick(8);
  const rest = Promise.all(["b", "c", "d"].map((item) => one.add(item)));
  expect([await first, ...(await rest)]).toEqual(["A", "B", "C", "D"]);
  expect(batches).toEqual([["a"], ["b", "c", "d"]]);
});

test("each caller gets its own result or error, and a failing batch does not stop the next", async () => {
  const one = batcher(async (items) => {
    if (items.includes("boom")) {
      throw new Error("all of it");
    }
    return items.map((item) => (item === "bad" ? { error: new Error("only this") } : { value: item }));
  });
  const settled = await Promise.allSettled(["good", "bad"].map((item) => one.add(item)));
  expect(settled.map((outcome) => (outcome.status === "fulfilled" ? outcome.value : (outcome.reason as Error).message))).toEqual(["good", "only this"]);
  await expect(one.add("boom")).rejects.toThrow("all of it");
  await expect(one.add("next")).resolves.toBe("next");
});

test("batches are bounded, and the same key never goes twice in one", async () => {
  const batches: string[][] = [];
  const one = batcher(async (items) => {
    batches.push([...items]);
    return items.map((item) => ({ value: item }));
  }, 2);
  await Promise.all(["a", "a", "b", "c"].map((item) => one.add(item)));
  expect(batches).toEqual([["a", "b"], ["a", "c"]]);
});

test("a batch may let the next begin before it has settled", async () => {
  const events: string[] = [];
  const one = batcher(async (items, release) => {
    events.push(`begin ${items.join()}`);
    release();
    await tick(20);
    events.push(`end ${items.join()}`);
    return items.map((item) => ({ value: item }));
  }, 1);
  await Promise.all([one.add("a"), one.add("b")]);
  expect(events).toEqual(["begin a", "begin b", "end a", "end b"]);
});
