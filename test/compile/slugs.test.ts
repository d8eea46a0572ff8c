import { formatProblem } from "../../provider/errors";
import { compileFiles, problemsOf, removeProjects } from "./project";

afterAll(removeProjects);

const D = "assets/dashboards/d.yaml";
const files = (slug: string): Record<string, string> => ({ [D]: `dashboard_title: D\nslug: ${JSON.stringify(slug)}\n` });

test.each([
  ["a b/é?x", "it has '/', '?'; write 'a-béx'"],
  ["50%", "it has '%'; write '50'"],
  ["a#b\\c", "it has '#', '\\'; write 'abc'"],
  ["..", "it has no letter or digit; write one of letters, digits, '-' and '_'"],
  ["  ", "it has no letter or digit; write one of letters, digits, '-' and '_'"],
  ["2026", "Superset takes it for the id of a dashboard; add a word"],
  ["0b8f6b1e-5f3c-4d5e-9c1a-2f6f0a4d7e11", "Superset takes it for the uuid of a dashboard; add a word"],
])("a dashboard cannot be opened under the slug '%s'", (slug, why) => {
  expect(problemsOf(files(slug))).toEqual([`${D}:2:7: the dashboard cannot be opened under the slug '${slug}': ${why}`]);
});

test("a slug that the database cuts", () => {
  expect(problemsOf(files("x".repeat(256)))).toEqual([`${D}:2:7: the slug has 256 characters; Superset stores 255`]);
});

test.each([["sales v2.1", "sales-v21"], [" sales", "sales"], ["a&b", "ab"], ["a\u0301b", "ab"]])("a slug that Superset's dialog changes is stored as it is, with a warning: '%s'", (slug, saved) => {
  const { warnings, assets } = compileFiles(files(slug));
  expect(warnings.map(formatProblem)).toEqual([`${D}:2:7: warning: Superset makes '${saved}' of the slug '${slug}' as soon as somebody saves the dashboard's properties there; write '${saved}'`]);
  expect(assets.find(({ key }) => key === "d")?.document["slug"]).toBe(slug);
});

test.each(["sales", "sales-2026_q1", "übersicht", "売上", "v2", ""])("a slug as it should be: '%s'", (slug) => {
  expect(compileFiles(files(slug)).warnings).toEqual([]);
});
