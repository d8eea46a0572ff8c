import { References } from "../../compile/references";

const asset = (uuid: string, key: string, name: string) => ({ kind: "chart", uuid, key, name, file: `assets/charts/${key}.yaml` });

function references(...assets: readonly ReturnType<typeof asset>[]): References {
  const all = new References();
  assets.forEach((one) => all.add(one));
  return all;
}

test("a name that looks like what we put before keys or uuids is a name", () => {
  const all = references(asset("u-1", "a", "A"), asset("u-2", "b", "key:a"), asset("u-3", "c", "uuid:u-1"));
  expect(["a", "u-1", "A", "key:a", "uuid:u-1"].map((reference) => all.resolve("chart", reference))).toEqual([{ uuid: "u-1" }, { uuid: "u-1" }, { uuid: "u-1" }, { uuid: "u-2" }, { uuid: "u-3" }]);
  expect(all.resolve("chart", "key:b")).toEqual({ problem: "no chart is called 'key:b'; did you mean 'key:a'?" });
});

test("a uuid wins over a key, and a key over a name; an alias is a name", () => {
  const all = references(asset("x", "k-1", "same"), asset("u-2", "x", "k-1"), asset("u-3", "k-3", "same"));
  expect(all.resolve("chart", "x")).toEqual({ uuid: "x" });
  expect(all.resolve("chart", "k-1")).toEqual({ uuid: "x" });
  expect(all.resolve("chart", "same")).toEqual({ problem: "'same' names 2 charts: 'k-1' (assets/charts/k-1.yaml), 'k-3' (assets/charts/k-3.yaml); write the key or uuid of the one that is meant" });
  all.addAliases("chart", "u-2", ["alias", "x"]);
  expect([all.resolve("chart", "alias"), all.resolve("chart", "x")]).toEqual([{ uuid: "u-2" }, { uuid: "x" }]);
});
