import { rison, risonQuery } from "../../provider/superset/rison";

test("values as Superset reads them", () => {
  expect(rison({ a: [1, null, true, false], b: "it's a !", c: { d: "x" } })).toBe("(a:!(1,!n,!t,!f),b:'it!'s a !!',c:(d:'x'))");
});

test("in a URL only what must be is encoded", () => {
  expect(risonQuery({ value: ["a b", "ü"] })).toBe("q=(value:!('a%20b','%C3%BC'))");
});
