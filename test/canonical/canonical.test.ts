import * as fc from "fast-check";
import { changedPaths, hash, pack, stableText, unpack } from "../../provider/canonical";
import type { Json } from "../../provider/json";

const json = () => fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);

test("the text is the same whatever the order of keys, and says what the value says", () => {
  expect(stableText({ b: [1, { d: null, c: "x" }], a: true })).toBe('{"a":true,"b":[1,{"c":"x","d":null}]}');
  fc.assert(fc.property(json(), (value) => expect(JSON.parse(stableText(value))).toEqual(value)));
});

test("the hash is 32 hex digits and differs with the value", () => {
  expect(hash({ a: 1, b: 2 })).toBe(hash({ b: 2, a: 1 }));
  expect(hash({ a: 1 })).toMatch(/^[0-9a-f]{32}$/);
  expect(hash({ a: 1 })).not.toBe(hash({ a: "1" }));
});

test("what is packed is unpacked, and equal values pack to equal texts", () => {
  fc.assert(fc.property(json(), (value) => expect(unpack(pack(value))).toEqual(value)));
  expect(pack({ a: 1, b: "é" })).toBe(pack({ b: "é", a: 1 }));
});

test.each<[string, Json | undefined, Json | undefined, unknown[]]>([
  ["nothing", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ["the order of keys is nothing", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
  ["a value", { a: { b: 1 } }, { a: { b: 2 } }, [{ path: "a.b", before: 1, after: 2 }]],
  ["a new key with its whole value", {}, { a: { b: 1 } }, [{ path: "a", after: { b: 1 } }]],
  ["a removed key", { a: null }, {}, [{ path: "a", before: null }]],
  ["keys that are no words are quoted", { "a.b": { "c d": 1 } }, { "a.b": { "c d": 2 } }, [{ path: '["a.b"]["c d"]', before: 1, after: 2 }]],
  ["words with dashes and letters of any language are not", { "TAB-é_1": 1 }, { "TAB-é_1": 2 }, [{ path: "TAB-é_1", before: 1, after: 2 }]],
  ["a list of scalars is one value", { a: [1, 2] }, { a: [2, 1] }, [{ path: "a", before: [1, 2], after: [2, 1] }]],
  ["an element of a list of objects", { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 1 }, { b: 3 }] }, [{ path: "a[1].b", before: 2, after: 3 }]],
  ["an inserted element", { a: [{ b: 1 }, { b: 2 }] }, { a: [{ b: 0 }, { b: 1 }, { b: 2 }] }, [{ path: "a[0]", after: { b: 0 } }]],
  ["a removed element", { a: [{ b: 1 }, { b: 2 }, { b: 3 }] }, { a: [{ b: 1 }, { b: 3 }] }, [{ path: "a[1]", before: { b: 2 } }]],
  ["repeated elements", { a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 1 }] }, [{ path: "a[1]", after: { b: 1 } }]],
  ["another type", { a: [] }, { a: {} }, [{ path: "a", before: [], after: {} }]],
  ["keys of Object's prototype", JSON.parse('{"constructor":1}') as Json, {}, [{ path: "constructor", before: 1 }]],
  ["the whole value", undefined, { a: 1 }, [{ path: "", after: { a: 1 } }]],
])("changed: %s", (_, before, after, expected) => {
  expect(changedPaths(before, after)).toEqual(expected);
});

test("there is a changed field exactly where two values differ", () => {
  fc.assert(fc.property(json(), json(), (left, right) => expect(changedPaths(left, right).length === 0).toBe(stableText(left) === stableText(right))));
});

test.each<[string, Json, Json, unknown[]]>([
  ["of a renamed one its name", [{ label: "A", sql: 1 }, "count"], [{ label: "B", sql: 1 }, "count"], [{ path: "m[0].label", before: "A", after: "B" }]],
  ["one inserted and one changed", [{ name: "A", v: 1 }, { name: "B", v: 1 }], [{ name: "N" }, { name: "A", v: 1 }, { name: "B", v: 2 }], [{ path: "m[0]", after: { name: "N" } }, { path: "m[2].v", before: 1, after: 2 }]],
  ["one removed and one added elsewhere", [{ id: 1 }, { id: 2, v: 1 }, { id: 3 }], [{ id: 2, v: 2 }, { id: 3 }, { id: 4 }], [{ path: "m[0]", before: { id: 1 } }, { path: "m[0].v", before: 1, after: 2 }, { path: "m[2]", after: { id: 4 } }]],
  ["one that moved", [{ id: 1 }, { id: 2 }, { id: 3 }], [{ id: 2 }, { id: 3 }, { id: 1 }], [{ path: "m[0]", before: { id: 1 } }, { path: "m[2]", after: { id: 1 } }]],
  ["names that repeat say nothing", [{ name: "A", v: 1 }, { name: "A", v: 2 }], [{ name: "A", v: 3 }, { name: "A", v: 1 }], [{ path: "m[0].v", before: 1, after: 3 }, { path: "m[1].v", before: 2, after: 1 }]],
])("elements that have names: %s", (_, before, after, expected) => {
  expect(changedPaths({ m: before }, { m: after })).toEqual(expected);
});
