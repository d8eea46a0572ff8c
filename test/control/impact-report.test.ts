import type { CompiledAsset } from "../../compile";
import { bundleDatabases } from "../../control/impact/databases";
import type { ImpactReport } from "../../control/impact/report";
import { impactMarkdown } from "../../control/impact/text";

const database = (name: string, uri: string): CompiledAsset =>
  ({ kind: "database", name, uuid: name, document: { database_name: name, sqlalchemy_uri: uri } }) as unknown as CompiledAsset;
const chosen = (url: string | undefined, ...uris: readonly string[]): readonly (string | true)[] =>
  bundleDatabases({ assets: uris.map((uri, index) => database(`d${index}`, uri)) }, url).map(({ warehouse, note }) => note ?? warehouse);

const URL = "postgresql://owner:secret@db.example.com:5432/shop";

test.each<[string, string, string | true]>([
  ["the same address", "postgresql+psycopg2://bi:x@db.example.com/shop", true],
  ["another way to a database of the same name", "postgresql://bi@pooler:6432/shop", "database 'd0' (pooler:6432/shop) is taken for the warehouse (db.example.com:5432/shop), as the database has the same name"],
  ["another database", "postgresql://bi@db.example.com/other", "it is db.example.com:5432/other, and the migrations are for db.example.com:5432/shop"],
  ["another dialect", "mysql://bi@db.example.com/shop", "it is no PostgreSQL but mysql"],
  ["no address", "nonsense", "its address cannot be read without a secret"],
])("the warehouse among a bundle's databases: %s", (_name, uri, expected) => {
  expect(chosen(URL, uri)).toEqual([expected]);
});

test("this machine has several names", () => {
  expect(chosen("postgresql://u@localhost:5432/shop", "postgresql://u@127.0.0.1/shop", "postgresql:///shop")).toEqual([true, true]);
});

test("where no warehouse is configured, the only PostgreSQL is taken; of several none", () => {
  expect(chosen(undefined, "postgresql://u@h/x", "sqlite:///y")).toEqual([true, "it is no PostgreSQL but sqlite"]);
  expect(chosen(undefined, "postgresql://u@h/x", "postgresql://u@h/y")).toEqual(Array(2).fill("there are several PostgreSQL databases, and warehouse:url does not say which one the migrations are for"));
});

test("what does not fit into a comment is counted", () => {
  const unchecked = Array.from({ length: 30 }, (_, index) => ({ kind: "chart", name: `c${index}`, uuid: "u", source: "s", file: "f", label: "l", reason: "r".repeat(2_000) }));
  const report: ImpactReport = { environment: "dev", impacts: [], migrations: 0, wrong: [], before: [], ok: true, repaired: [], checked: 0, unchecked, notes: [] };
  const text = impactMarkdown(report);
  expect(text.length).toBeLessThan(31_000);
  expect(text).toMatch(/… and \d+ more lines: hybrid validate --env dev --db\n```\n$/);
});
