import { tooLarge } from "../../provider/superset/limits";

test("texts longer than their column are named with their place", () => {
  expect(tooLarge({ uuid: "u", slice_name: "x".repeat(251), viz_type: "pie", description: "x".repeat(9000) })).toEqual(["slice_name: 251 characters, of which Superset keeps 250 at most"]);
  expect(tooLarge({ uuid: "u", table_name: "t", columns: [{ column_name: "a" }, { column_name: "b", datetime_format: "%".repeat(101) }] })).toEqual([
    "columns.1.datetime_format: 101 characters, of which Superset keeps 100 at most",
  ]);
});

test("characters count, not UTF-16 units", () => {
  expect(tooLarge({ uuid: "u", slice_name: "😀".repeat(250) })).toEqual([]);
});

test("numbers beyond 32 bits", () => {
  expect(tooLarge({ uuid: "u", cache_timeout: 2 ** 31 })).toEqual(["cache_timeout: 2147483648 is larger than 2147483647, the largest number Superset keeps there"]);
  expect(tooLarge({ uuid: "u", cache_timeout: 2 ** 31 - 1 })).toEqual([]);
});
