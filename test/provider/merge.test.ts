import * as fc from "fast-check";
import { changedPaths, type FieldChange } from "../../provider/canonical";
import type { Json, JsonObject } from "../../provider/json";
import { mergeForms } from "../../provider/merge";

const key = fc.constantFrom("a", "b", "c", "name", "__proto__");
const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("x", "y", null, true));
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof({ depthSize: "small", withCrossShrink: true }, leaf, fc.array(tie("json"), { maxLength: 4 }), fc.dictionary(key, tie("json"), { maxKeys: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json)),
}));
const object = fc.dictionary(key, json, { maxKeys: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const each = (check: (base: Json, git: Json, live: Json) => void, values: fc.Arbitrary<Json> = fc.oneof(json, object)): void =>
  fc.assert(fc.property(values, values, values, check), { numRuns: 2_000 });
const clean = (merged: Json) => ({ merged, conflicts: [] });

test("what one side alone changed is the result", () => {
  each((base, git) => {
    expect(mergeForms(base, base, git)).toEqual(clean(git));
    expect(mergeForms(base, git, base)).toEqual(clean(git));
    expect(mergeForms(base, git, git)).toEqual(clean(git));
    expect(mergeForms(undefined, git, git)).toEqual(clean(git));
  });
});

/** Where a change is, without what is inside a list: there indices mean other elements on each side. */
const places = (changes: readonly FieldChange[]): string[] => changes.map(({ path }) => path.replace(/\[\d.*$/, ""));
const meet = (left: string, right: string): boolean => `${left}.`.startsWith(`${right}.`) || `${right}.`.startsWith(`${left}.`);

test("changes at different places are no conflict, and all of them are in the result", () => {
  each((base, git, live) => {
    const [ours, theirs] = [changedPaths(base, git), changedPaths(base, live)];
    if (places(ours).some((left) => places(theirs).some((right) => meet(left, right)))) return;
    const { merged, conflicts } = mergeForms(base, git, live);
    expect(conflicts).toEqual([]);
    // From Git's form the rest is what Superset changed, and the other way round.
    expect(changedPaths(git, merged)).toEqual(theirs);
    expect(changedPaths(live, merged)).toEqual(ours);
  }, object);
});

test("of values both changed Superset's is taken, and the place reported with all three", () => {
  each((base, git, live) => {
    const { merged, conflicts } = mergeForms({ at: base }, { at: git }, { at: live });
    for (const { path } of conflicts) expect(path).toMatch(/^at/);
    if (conflicts.some(({ path }) => path === "at")) {
      expect({ merged, conflicts }).toEqual({ merged: { at: live }, conflicts: [{ path: "at", base, git, live }] });
    }
  }, leaf);
});

const item = (name: string, value = 0, more: JsonObject = {}): JsonObject => ({ name, value, ...more });
const conflict = (path: string, base?: Json, git?: Json, live?: Json) => ({ path, ...Object.fromEntries(Object.entries({ base, git, live }).filter(([, value]) => value !== undefined)) });

test.each<[string, Json, Json, Json, Json, object[]?]>([
  ["a changed element beside an added one", [item("A"), item("B")], [item("new"), item("A"), item("B")], [item("A"), item("B", 1)], [item("new"), item("A"), item("B", 1)]],
  ["two fields of one element", [item("A", 0, { sql: "x" })], [item("A", 1, { sql: "x" })], [item("A", 0, { sql: "y" })], [item("A", 1, { sql: "y" })]],
  ["one field of one element, twice", [item("A")], [item("A", 1)], [item("A", 2)], [item("A", 2)], [conflict("list[0].value", 0, 1, 2)]],
  ["a renamed element that the other side changed", [item("A"), item("B")], [item("A"), item("B", 1)], [item("A"), item("C")], [item("A"), item("C", 1)]],
  ["a moved element that the other side changed", [item("A"), item("B"), item("C")], [item("C"), item("A"), item("B")], [item("A"), item("B"), item("C", 1)], [item("C", 1), item("A"), item("B")]],
  ["an element moved in Superset that Git changed", [item("A"), item("B"), item("C")], [item("A"), item("B"), item("C", 1)], [item("C"), item("A"), item("B")], [item("C", 1), item("A"), item("B")]],
  ["a removed element and a changed other", [item("A"), item("B")], [item("B")], [item("A"), item("B", 1)], [item("B", 1)]],
  ["an element removed in Superset that Git changed", [item("A"), item("B")], [item("A"), item("B", 1)], [item("A")], [item("A")], [conflict("list[1]", item("B"), item("B", 1))]],
  ["an element removed in Git that Superset changed", [item("A"), item("B")], [item("A")], [item("A"), item("B", 1)], [item("A"), item("B", 1)], [conflict("list[1]", item("B"), undefined, item("B", 1))]],
  ["both added one", [item("A")], [item("A"), item("G")], [item("A"), item("L")], [item("A"), item("G"), item("L")]],
  ["both added the same one", [item("A")], [item("A"), item("X", 1)], [item("X", 1), item("A")], [item("X", 1), item("A")]],
  ["both added one of the same name", [item("A")], [item("A"), item("X", 1)], [item("A"), item("X", 2)], [item("A"), item("X", 2)], [conflict("list[1].value", undefined, 1, 2)]],
  ["both removed the same one", [item("A"), item("B"), item("C")], [item("A"), item("C", 1)], [item("A", 1), item("C")], [item("A", 1), item("C", 1)]],
  ["both moved the same one elsewhere", ["A", "B", "C", "D"].map((name) => item(name)), ["D", "A", "B", "C"].map((name) => item(name)), ["A", "D", "B", "C"].map((name) => item(name)), ["A", "D", "B", "C"].map((name) => item(name)),
    [conflict("list", ["A", "B", "C", "D"].map((name) => item(name)), ["D", "A", "B", "C"].map((name) => item(name)), ["A", "D", "B", "C"].map((name) => item(name)))]],
  ["saved metrics beside ones of the chart's own", ["count", { label: "Sum", sql: 1 }], ["count", { label: "Sum", sql: 2 }], ["revenue", "count", { label: "Sum", sql: 1 }], ["revenue", "count", { label: "Sum", sql: 2 }]],
  ["elements that nothing tells apart", [{ n: 1 }, { n: 1 }, { n: 2 }], [{ n: 1 }, { n: 1 }, { n: 3 }], [{ n: 4 }, { n: 1 }, { n: 2 }], [{ n: 4 }, { n: 1 }, { n: 3 }]],
  ["scalars added by both", ["a", "b"], ["a", "b", "g"], ["l", "a", "b"], ["l", "a", "b", "g"]],
  ["scalars added at the same place", ["a"], ["a", "g"], ["a", "l"], ["a", "g", "l"]],
  ["the same scalar added at the same place", ["a"], ["a", "x", "g"], ["a", "x"], ["a", "g", "x"]],
  ["a scalar removed where another is added", ["a", "b", "c"], ["a", "c"], ["a", "b", "c", "d"], ["a", "c", "d"]],
  ["a scalar added where the rest is sorted anew", ["a", "b", "c"], ["c", "a", "b"], ["a", "b", "c", "d"], ["c", "a", "b", "d"]],
  ["scalars that both replaced", ["a", "b"], ["a", "g"], ["a", "l"], ["a", "l"], [conflict("list", ["a", "b"], ["a", "g"], ["a", "l"])]],
  ["bounds, where values repeat", [null, null], [null, 9], [1, null], [1, null], [conflict("list", [null, null], [null, 9], [1, null])]],
  ["another type", [1, 2], "x", { a: 1 }, { a: 1 }, [conflict("list", [1, 2], "x", { a: 1 })]],
])("lists: %s", (_, base, git, live, merged, conflicts = []) => {
  expect(mergeForms({ list: base }, { list: git }, { list: live })).toEqual({ merged: { list: merged }, conflicts });
});

test("without a common base everything that only one side has stays", () => {
  expect(mergeForms(undefined, { a: 1, same: [1], both: 1 }, { b: 2, same: [1], both: 2 })).toEqual({ merged: { a: 1, same: [1], both: 2, b: 2 }, conflicts: [conflict("both", undefined, 1, 2)] });
});

const names = fc.uniqueArray(fc.constantFrom<string>("A", "B", "C", "D", "E", "F"), { maxLength: 6 });
/** Two sides of one list, of which one changes values and the other names, order and number. */
test("a list whose elements have names: every element of either side is there once, with what each side made of it", () => {
  fc.assert(fc.property(names, names, fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }), (before, after, touched) => {
    const base = before.map((name) => item(name, 0, { sql: "x" }));
    const git = after.map((name) => item(name, 1, { sql: "x" }));
    const live = before.map((name, index) => item(name, 0, { sql: touched[index] === true ? "y" : "x" }));
    const { merged, conflicts } = mergeForms(base, git, live);
    const lost = before.filter((name, index) => !after.includes(name) && touched[index] === true);
    // Removed in Git and edited in Superset: kept, and said. Renamed by Git at the same place: the edit goes along.
    expect(conflicts.every(({ git: ours, base: from }) => ours === undefined && lost.includes(String((from as JsonObject)["name"])))).toBe(true);
    const found = (merged as JsonObject[]).map((element) => String(element["name"]));
    expect(new Set(found).size).toBe(found.length);
    expect(after.every((name) => found.includes(name))).toBe(true);
    for (const element of merged as JsonObject[]) {
      const index = before.indexOf(String(element["name"]));
      if (index >= 0 && after.includes(String(element["name"]))) expect(element).toEqual(item(String(element["name"]), 1, { sql: touched[index] === true ? "y" : "x" }));
    }
  }), { numRuns: 2_000 });
});
