import { differenceText } from "../../cli/db/difference";
import { diffCatalog, packCatalog, unpackCatalog, type Catalog } from "../../provider/postgres/catalog";
import { objectDifferences } from "../../provider/postgres/schema-diff";

const before: Catalog = { "view public.v": { "": "", definition: "sha256:aaaa" }, "table public.t": { "": "", "column a": "integer" } };
const after: Catalog = { "view public.v": { "": "", definition: "sha256:bbbb" }, "table public.t": { "": "", "column a": "integer" }, "table public.u": { "": "", "column a": "integer", "column b": "text" } };
const text = (known: Readonly<Record<string, string>>): string => differenceText(objectDifferences(diffCatalog(before, after), { catalog: before, definitions: known }, { catalog: after, definitions: { "sha256:bbbb": " SELECT 2;" } }));

test("definitions line by line, where both are known", () => {
  expect(text({ "sha256:aaaa": " SELECT 1;" })).toBe("  + table public.u\n    + column a: integer\n    + column b: text\n  ~ view public.v\n    ~ definition\n        - SELECT 1;\n        + SELECT 2;");
});

test("of a schema that an earlier release has recorded, the definition as it is now", () => {
  expect(text({})).toContain("  ~ view public.v\n    ~ definition (its text before was not recorded; now)\n         SELECT 2;");
});

test("what an earlier release has packed is read", () => {
  const packed = packCatalog(before, { "sha256:aaaa": "select 1" });
  expect(unpackCatalog(packed)).toEqual({ catalog: before, definitions: { "sha256:aaaa": "select 1" } });
  const { deflateRawSync } = require("node:zlib") as typeof import("node:zlib");
  expect(unpackCatalog(deflateRawSync(JSON.stringify({ v: 1, objects: before })).toString("base64"))).toEqual({ catalog: before, definitions: {} });
  expect(unpackCatalog(deflateRawSync(JSON.stringify({ v: 0, objects: before })).toString("base64"))).toBeUndefined();
});
