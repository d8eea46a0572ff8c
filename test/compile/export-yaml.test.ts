import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { parse } from "yaml";
import { parseExport, stringifyExport } from "../../compile/export-yaml";
import type { JsonObject } from "../../provider/json";
import { supersetPython } from "./python";

/** Texts that some YAML version takes for something else, or that break a writer. */
const TRICKY = [
  "yes", "No", "ON", "off", "y", "n", "true", "False", "null", "~", "", " ", "a ", " a", "-", "- a", "?", ":", "a:", "a: b", "a #b", "#a", "1", "017", "0o17", "0x1F", "0b11", "1_000", "1e5", "1E+5", "1.5e3",
  "1e+21", "0.1e3", ".5", "5.", "+1", "-1", ".inf", "-.INF", ".nan", "12:30:45", "190:20:30", "08:00:00", "1:2.5", "2026-01-01", "2026-01-01 10:00:00", "=", "<<", "*a", "&a", "!a", "%a", "@a", "`a`", "'a'", '"a"', "a\"b", "a\\b",
  "{a}", "[a]", "a, b", "a\nb", "a\nb\n", "a\n\nb\n\n", "\na", "a \nb", "a\n b", "a\n\tb", "\ta", "a\tb", "a\r\nb", "a\u0085b", "a\u2028b", "\ufeffa", "\u0000", "\u007f", "\u{1F600}", "é", "ﾊﾛｰ", "---", "...", "--- a", "a\n---\nb",
  "SELECT 1 -- x\nFROM t\n", "{{ x }}", "{% raw %}", "\ud83d", "x".repeat(2000), "| a", "> a", "key: |\n  x",
];
const NUMBERS = [0, -0, 1, -1, 1.5, 1e-7, 1e21, 1.5e300, 123456789012, 9007199254740991, 0.1, -1e-10, 5e-324];

/** Halves of characters cannot be written as UTF-8. */
function wellFormed(value: string): boolean {
  return !/[\ud800-\udfff]/u.test(value);
}

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }).filter(wellFormed), fc.constantFrom(...TRICKY.filter(wellFormed)));
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(...NUMBERS), fc.boolean(), fc.constant(null), fc.array(tie("value"), { maxLength: 4 }), fc.dictionary(text.filter((key) => key !== "__proto__"), tie("value"), { maxKeys: 4, noNullPrototype: true })),
})).value;
const document = fc.dictionary(text.filter((key) => key !== "__proto__"), json, { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonObject>;

const ALL: JsonObject = { texts: TRICKY.filter(wellFormed), keys: Object.fromEntries(TRICKY.filter(wellFormed).map((value, index) => [value, index])), numbers: NUMBERS, nested: [[], {}, [[1, [2]], { a: [{ b: [] }] }], { "a b": { c: null } }] };

test("what is written is read back, by PyYAML's rules and by YAML 1.2's", () => {
  expect(parseExport(stringifyExport(ALL))).toEqual(ALL);
  expect(parse(stringifyExport(ALL), { maxAliasCount: 0 })).toEqual(ALL);
  fc.assert(fc.property(document, (value) => {
    const written = stringifyExport(value);
    expect(parseExport(written)).toEqual(value);
    expect(parse(written)).toEqual(value);
  }), { numRuns: 300 });
});

const python = supersetPython();
(python === undefined ? test.skip : test)("PyYAML itself reads back what is written", () => {
  const samples = [ALL, ...fc.sample(document, { numRuns: 300, seed: 7 })];
  const script = [
    "import json, sys, yaml",
    "for line in sys.stdin:",
    "    print(json.dumps(yaml.load(json.loads(line), Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))))",
    "    sys.stdout.flush()",
  ].join("\n");
  const run = spawnSync(python ?? "", ["-c", script], { input: samples.map((sample) => JSON.stringify(stringifyExport(sample))).join("\n"), encoding: "utf8", maxBuffer: 1 << 28 });
  expect(run.stderr).toBe("");
  const answers = run.stdout.trim().split("\n").map((line) => JSON.parse(line) as unknown);
  expect(answers).toEqual(samples);
});

test("the export of PyYAML is read as PyYAML reads it", () => {
  const source = "a: 1e5\nb: 0o17\nc: 017\nd: 1_000\ne: 12:30:45\nf: yes\ng: y\nh: 1.0e-07\ni: 2026-01-01\nj: ~\nk: .5\nl: '1'\nm: 0x1f\nn: -5\no: +.inf\np: 1e+21\nq: 08:00:00\n";
  expect(parseExport(source)).toEqual({ a: "1e5", b: "0o17", c: 15, d: 1000, e: 45045, f: true, g: "y", h: 1e-7, i: "2026-01-01", j: null, k: 0.5, l: "1", m: 31, n: -5, o: Infinity, p: "1e+21", q: "08:00:00" });
});

test("an export that is no YAML mapping is an error that names the file", () => {
  expect(() => parseExport("- a\n", "charts/x.yaml")).toThrow("charts/x.yaml: expected a mapping");
  expect(() => parseExport("a: [\n", "charts/x.yaml")).toThrow(/^charts\/x\.yaml: not valid YAML: /);
});

test("the layout is stable", () => {
  expect(stringifyExport({ name: "Revenue", yes: "yes", n: 1e-7, list: [1, { a: "b c", d: [] }], sql: "select 1\nfrom t\n", empty: {}, uuid: "1e5d9d5e-6c1e-4a5b-9d0a-3f6b6a1c2e01", version: "1.0.0" })).toBe(
    "name: Revenue\n\"yes\": \"yes\"\n\"n\": 1.0e-7\nlist:\n- 1\n- a: b c\n  d: []\nsql: |\n  select 1\n  from t\nempty: {}\nuuid: 1e5d9d5e-6c1e-4a5b-9d0a-3f6b6a1c2e01\nversion: \"1.0.0\"\n");
});

if (python === undefined) {
  process.stdout.write("skipped: PyYAML itself (no Python with Superset: set SUPERSET_PYTHON, or run hybrid local up)\n");
}
