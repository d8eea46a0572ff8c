import { formatProblem } from "../../provider/errors";
import { readMigrations, readSeeds, type MigrationFolder } from "../../provider/postgres/files";
import { folderOf, dbmate } from "./folder";

const read = (files: Readonly<Record<string, string | Buffer>>): MigrationFolder => {
  const below = Object.fromEntries(Object.entries(files).map(([name, text]) => [`db/migrations/${name}`, text]));
  return readMigrations(folderOf(below).root, "db/migrations");
};
const problems = (files: Readonly<Record<string, string | Buffer>>): string[] => read(files).problems.map(formatProblem);

describe("layouts", () => {
  test("dbmate: the part above migrate:down, with its line and options", () => {
    const folder = read({
      "20260102000000_b.sql": "-- A table.\n\n-- migrate:up transaction:false\ncreate table b (id int);\n\n-- migrate:down\ndrop table b;\n",
      "20260101000000_a.sql": "-- migrate:up\ncreate table a (id int);\n",
      ".gitkeep": "",
      "README.md": "text",
    });
    expect(folder.problems).toEqual([]);
    expect(folder.layout).toBe("dbmate");
    expect(folder.migrations.map(({ name, version, line, transaction, sql }) => ({ name, version, line, transaction, sql }))).toEqual([
      { name: "20260101000000_a.sql", version: "20260101000000", line: 1, transaction: true, sql: "-- migrate:up\ncreate table a (id int);\n" },
      { name: "20260102000000_b.sql", version: "20260102000000", line: 3, transaction: false, sql: "-- migrate:up transaction:false\ncreate table b (id int);\n\n" },
    ]);
  });

  test("plain: the whole file; a first comment can take it out of the transaction", () => {
    const folder = read({ "001_a.sql": "create table a (id int);", "002_b.sql": "-- Slow.\n-- transaction:false\nvacuum;" });
    expect(folder.layout).toBe("plain");
    expect(folder.migrations.map(({ version, transaction }) => [version, transaction])).toEqual([["001", true], ["002", false]]);
  });

  test("Flyway: by version numbers, repeatables by description, callbacks by name, undo left out", () => {
    const folder = read({
      "V10__ten.sql": "select 1;", "V2__two.sql": "select 1;", "V2_1__two_one.sql": "select 1;", "sub/V1.0__one.sql": "select 1;", "U2__two.sql": "select 1;",
      "R__b.sql": "select 1;", "R__a.sql": "select 1;", "afterEachMigrate__b.sql": "select 1;", "afterEachMigrate__a.sql": "select 1;", "beforeMigrate.sql": "select 1;",
      "V3__slow.sql": "vacuum;", "V3__slow.sql.conf": "executeInTransaction=false\n",
    });
    expect(folder.problems).toEqual([]);
    expect(folder.layout).toBe("flyway");
    expect(folder.migrations.map(({ version, name, transaction }) => [version, name, transaction])).toEqual([
      ["1", "sub/V1.0__one.sql", true], ["2", "V2__two.sql", true], ["2.1", "V2_1__two_one.sql", true], ["3", "V3__slow.sql", false], ["10", "V10__ten.sql", true],
    ]);
    expect(folder.repeatables.map((script) => script.name)).toEqual(["R__a.sql", "R__b.sql"]);
    expect(folder.callbacks.map((callback) => [callback.event, callback.name])).toEqual([
      ["afterEachMigrate", "afterEachMigrate__a.sql"], ["afterEachMigrate", "afterEachMigrate__b.sql"], ["beforeMigrate", "beforeMigrate.sql"],
    ]);
  });

  test("two layouts in one folder", () => {
    expect(problems({ "V1__a.sql": "select 1;", "002_b.sql": "select 1;" })).toEqual([
      "db/migrations: mixes two layouts: 'V1__a.sql' is named as Flyway does, '002_b.sql' as dbmate does; keep one of them",
    ]);
  });

  test("an empty folder has no layout and no problem; a missing one is a problem", () => {
    expect(read({ ".gitkeep": "" })).toMatchObject({ layout: undefined, migrations: [], problems: [] });
    expect(readMigrations(folderOf({}).root, "db/migrations").problems.map(formatProblem)).toEqual([
      "db/migrations: is not there; create the folder of the migrations, or name the right one in policy.yaml (db.migrations_dir)",
    ]);
  });
});

describe("problems", () => {
  test.each<[string, Readonly<Record<string, string | Buffer>>, string]>([
    ["duplicate version", { "001_a.sql": "select 1;", "001_b.sql": "select 2;" }, "db/migrations/001_b.sql: has the same version 001 as '001_a.sql'; give the one that is not applied yet a higher version"],
    ["duplicate Flyway version", { "V1__a.sql": "select 1;", "V1.0__b.sql": "select 2;" }, "db/migrations/V1__a.sql: has the same version 1 as 'V1.0__b.sql'; give the one that is not applied yet a higher version"],
    ["name without version", { "create_a.sql": "select 1;" }, "db/migrations/create_a.sql: 'create_a.sql' is no migration's name: it begins with the version in digits and ends in .sql, as '20260101120000_create_a.sql'; rename the file"],
    ["upper-case extension", { "001_a.SQL": "select 1;" }, "db/migrations/001_a.SQL: '001_a.SQL' is no migration's name: it begins with the version in digits and ends in .sql, as '001_a.sql'; rename the file"],
    ["Flyway name with one underscore", { "V1__a.sql": "select 1;", "V2_orders.sql": "select 1;" }, "db/migrations/V2_orders.sql: 'V2_orders.sql' is no name Flyway knows; did you mean 'V2__orders.sql'?"],
    ["Flyway callback in wrong case", { "V1__a.sql": "select 1;", "aftermigrate__x.sql": "select 1;" }, "db/migrations/aftermigrate__x.sql: 'aftermigrate__x.sql' is no name Flyway knows; did you mean 'afterMigrate__x.sql'?"],
    ["Flyway baseline", { "V1__a.sql": "select 1;", "B2__b.sql": "select 1;" }, "db/migrations/B2__b.sql: is a Flyway baseline migration, which is not supported; write it as a V migration"],
    ["Flyway callback of no moment here", { "V1__a.sql": "select 1;", "afterClean.sql": "select 1;" }, "db/migrations/afterClean.sql: warning: is never run: 'afterClean' belongs to a Flyway command or moment that does not exist here"],
    ["Flyway placeholder", { "V1__a.sql": "select 1;\nselect '${schema}';" }, "db/migrations/V1__a.sql:2: uses the Flyway placeholder ${schema}, and placeholders are not replaced here; write the value"],
    ["empty file", { "001_a.sql": "-- nothing\n;\n" }, "db/migrations/001_a.sql: holds no SQL statement; write one or delete the file"],
    ["empty up part", { "001_a.sql": "-- x\n-- migrate:up\n\n-- migrate:down\ndrop table a;" }, "db/migrations/001_a.sql:2: has no SQL statement below '-- migrate:up'; write one or delete the file"],
    ["missing marker", { "001_a.sql": dbmate("select 1;"), "002_b.sql": "select 1;" }, "db/migrations/002_b.sql:1: has no '-- migrate:up' line, as the other files of the folder have; put one above its SQL"],
    ["misspelt marker", { "001_a.sql": "\n-- migrate: up\nselect 1;" }, "db/migrations/001_a.sql:2: '-- migrate: up' is no marker; write '-- migrate:up' at the beginning of the line"],
    ["marker in wrong case", { "001_a.sql": "-- Migrate:Up\nselect 1;" }, "db/migrations/001_a.sql:1: '-- Migrate:Up' is no marker; write '-- migrate:up' at the beginning of the line"],
    ["two up parts", { "001_a.sql": "-- migrate:up\nselect 1;\n-- migrate:up\nselect 2;" }, "db/migrations/001_a.sql:3: has a second '-- migrate:up' line; put the second part into a file of its own"],
    ["down above up", { "001_a.sql": "-- migrate:down\nselect 1;\n-- migrate:up\nselect 2;" }, "db/migrations/001_a.sql:1: has '-- migrate:down' above '-- migrate:up'; swap the two parts"],
    ["SQL above up", { "001_a.sql": "-- x\nselect 1;\n-- migrate:up\nselect 2;" }, "db/migrations/001_a.sql:2: has SQL above '-- migrate:up', which would never run; move it below that line"],
    ["not UTF-8", { "001_a.sql": Buffer.from("select 1;\nselect 'caf\xe9';", "latin1") }, "db/migrations/001_a.sql:2: is not UTF-8 text; save the file in UTF-8"],
    ["UTF-16", { "001_a.sql": Buffer.from("select 1;", "utf16le") }, "db/migrations/001_a.sql:1: is not UTF-8 text; save the file in UTF-8"],
    ["text order", { "9_a.sql": "select 1;", "10_b.sql": "select 1;" }, "db/migrations/9_a.sql: warning: runs after '10_b.sql', as names are sorted as text; pad the versions with zeros to the same width"],
    ["subfolder", { "001_a.sql": "select 1;", "old/000_z.sql": "select 1;" }, "db/migrations/old/000_z.sql: warning: is not read: only Flyway's layout has subfolders"],
  ])("%s", (_name, files, message) => {
    expect(problems(files)).toEqual([message]);
  });

  test("a comment about migrating is no marker", () => {
    expect(read({ "001_a.sql": "-- migrate up to five rows, then stop\nselect 1;" })).toMatchObject({ layout: "plain", problems: [] });
  });

  test("all of them at once", () => {
    expect(problems({ "001_a.sql": "", "001_b.sql": "select 1;", "c.sql": "select 1;", "001_d.sql": "select 1;" })).toHaveLength(3);
  });
});

test("line ends and byte order mark change neither text nor checksum", () => {
  const [unix] = read({ "001_a.sql": "-- migrate:up\ncreate table a (\n  id int);\n" }).migrations;
  const [windows] = read({ "001_a.sql": "\ufeff-- migrate:up\r\ncreate table a (\r\n  id int);\r\n" }).migrations;
  expect(windows).toEqual({ ...unix, file: windows?.file });
});

test("seeds by name; no folder, no seeds", () => {
  const { root } = folderOf({ "db/seed/b.sql": "select 2;", "db/seed/a.sql": "select 1;", "db/seed/notes.txt": "x", "db/seed/c.sql": "" });
  const { seeds, problems: found } = readSeeds(root, "db/seed");
  expect(seeds.map((seed) => seed.file)).toEqual(["db/seed/a.sql", "db/seed/b.sql"]);
  expect(found.map(formatProblem)).toEqual(["db/seed/c.sql: holds no SQL statement; write one or delete the file"]);
  expect(readSeeds(root, "db/none")).toEqual({ seeds: [], problems: [] });
});
