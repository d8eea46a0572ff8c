import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readMigrations } from "../../provider/postgres/files";
import { newMigration } from "../../provider/postgres/new-file";
import { dbmate, folderOf } from "./folder";

const NOW = new Date("2026-02-01T12:00:00Z");
const create = (files: Readonly<Record<string, string>>, name = "Add region", layout?: "dbmate" | "plain" | "flyway"): string =>
  newMigration({ root: folderOf(files).root, directory: "m", name, now: NOW, ...(layout === undefined ? {} : { layout }) });

test.each<[string, Readonly<Record<string, string>>, string]>([
  ["no folder", {}, "m/20260201120000_add_region.sql"],
  ["times", { "m/20260101000000_a.sql": dbmate("select 1;") }, "m/20260201120000_add_region.sql"],
  ["a time that has not come yet", { "m/20261231235959_a.sql": dbmate("select 1;") }, "m/20270101000000_add_region.sql"],
  ["numbers", { "m/001_a.sql": dbmate("select 1;"), "m/009_b.sql": dbmate("select 1;") }, "m/010_add_region.sql"],
  ["numbers that were not padded", { "m/1_a.sql": "select 1;", "m/9_b.sql": "select 1;", "m/10_c.sql": "select 1;" }, "m/11_add_region.sql"],
  ["numbers, then times", { "m/001_a.sql": dbmate("select 1;"), "m/20260101000000_b.sql": dbmate("select 1;") }, "m/20260201120000_add_region.sql"],
  ["a file that is still empty", { "m/001_a.sql": "-- migrate:up\n" }, "m/002_add_region.sql"],
  ["Flyway", { "m/V1__a.sql": "select 1;", "m/sub/V2_1__b.sql": "select 1;", "m/R__v.sql": "select 1;" }, "m/V3__add_region.sql"],
  ["Flyway with times", { "m/V20260101000000__a.sql": "select 1;" }, "m/V20260201120000__add_region.sql"],
])("named as the others: %s", (_name, files, file) => {
  expect(create(files)).toBe(file);
});

test("an empty folder takes the layout that is asked for", () => {
  expect(create({}, "a", "flyway")).toBe("m/V1__a.sql");
  expect(create({}, "a", "plain")).toBe("m/20260201120000_a.sql");
  expect(() => create({ "m/001_a.sql": "select 1;" }, "a", "flyway")).toThrow("m has plain's layout, and a second one cannot be mixed in; leave --layout out");
});

test("begun as the others: what is written below the marker is read", () => {
  const { root, write } = folderOf({ "m/001_a.sql": dbmate("select 1;") });
  const file = newMigration({ root, directory: "m", name: "b" });
  expect(readFileSync(join(root, file), "utf8")).toBe("-- migrate:up\n\n\n-- migrate:down\n\n");
  write({ [file]: "-- migrate:up\nselect 2;\n\n-- migrate:down\n\n" });
  expect(readMigrations(root, "m")).toMatchObject({ problems: [], migrations: [{ version: "001" }, { version: "002" }] });
});

test("a file is never written over, nor beside two layouts", () => {
  const { root } = folderOf({});
  const file = newMigration({ root, directory: "m", name: "a", sql: "select 1;", now: NOW });
  expect(newMigration({ root, directory: "m", name: "a", now: NOW })).toBe("m/20260201120001_a.sql");
  expect(readFileSync(join(root, file), "utf8")).toBe("-- migrate:up\nselect 1;\n\n-- migrate:down\n");
  const mixed = folderOf({ "m/001_a.sql": "select 1;", "m/V2__b.sql": "select 1;" });
  expect(() => newMigration({ root: mixed.root, directory: "m", name: "c" })).toThrow("m: mixes two layouts: 'V2__b.sql' is named as Flyway does, '001_a.sql' as dbmate does; keep one of them\nno file was written");
});

test.each([["Ünïcode und Grösse!", "unicode_und_grosse"], ["../../etc/passwd", "etc_passwd"], ["a.sql", "a"]])("the name %s", (name, words) => {
  const { root } = folderOf({});
  const file = newMigration({ root, directory: "m", name, now: NOW });
  expect(file).toBe(`m/20260201120000_${words}.sql`);
  expect(existsSync(join(root, file))).toBe(true);
});

test("a name without a letter", () => {
  expect(() => create({}, "…")).toThrow("'…' cannot be a migration's name: use letters and digits, such as 'add region to orders'");
});
