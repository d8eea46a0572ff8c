import { join } from "node:path";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { Renderer } from "../../compile/render";
import { formatProblem } from "../../provider/errors";
import { placeholder } from "../../provider/placeholders";

const root = mkdtempSync(join(tmpdir(), "render-"));
mkdirSync(join(root, "assets/charts"), { recursive: true });
afterAll(() => rmSync(root, { recursive: true, force: true }));

const VARIABLES = { ENV: "dev", LIST: ["a", "b"], MAP: { x: 1, nested: { y: "z" } }, NUMBER: 3, YES: true, PASSWORD: placeholder("PASSWORD"), EMPTY: "" };

function render(text: string): { text: string | undefined; problems: string[]; origin: (line: number, column?: number) => string } {
  const renderer = new Renderer({ root, variables: VARIABLES, undefinedReason: () => "set it" });
  const { rendered, problems } = renderer.render("assets/charts/t.yaml.j2", text);
  const origin = (line: number, column = 1): string => {
    const at = rendered?.origin(line, column);
    return at === undefined ? "nowhere" : `${at.file.replace("assets/", "")}:${at.line}:${at.column}`;
  };
  return { text: rendered?.text, problems: problems.map(formatProblem), origin };
}

test.each([
  ["plain text", "a: 1\n", "a: 1\n"],
  ["variable", "{{ ENV }}-{{ NUMBER }}-{{ YES }}", "dev-3-true"],
  ["default for what is missing", "{{ NOPE | default('x') }} {{ MAP.nope | default('y') }} {{ A.b.c | default('z') }}", "x y z"],
  ["default for what is empty", "{{ EMPTY | default('x', true) }}|{{ EMPTY | default('x') }}", "x|"],
  ["is defined", "{% if NOPE is defined %}a{% else %}b{% endif %}{% if ENV is defined and ENV == 'dev' %}c{% endif %}", "bc"],
  ["short-circuit guard", "{% if NOPE is defined and NOPE.x %}a{% else %}b{% endif %}", "b"],
  ["if, elif, else", "{% if NUMBER > 3 %}a{% elif NUMBER == 3 %}b{% else %}c{% endif %}", "b"],
  ["empty lists and maps are false, as in Jinja", "{% if [] %}a{% elif {} %}b{% else %}c{% endif %}{{ 'd' if not [] }}{{ ([] or 'e') }}{{ [] | default('f', true) }}", "cdef"],
  ["inline if", "{{ 'a' if YES else 'b' }}{{ 'c' if not YES }}", "a"],
  ["for with loop variables", "{% for x in LIST %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}", "1a,2b"],
  ["for over a map", "{% for k, v in {p: 1, q: 2} %}{{ k }}={{ v }};{% endfor %}", "p=1;q=2;"],
  ["for over pairs", "{% for k, v in [['p', 1]] %}{{ k }}={{ v }}{% endfor %}", "p=1"],
  ["for, nothing to go through", "{% for x in [] %}a{% else %}none{% endfor %}", "none"],
  ["nested members", "{{ MAP.nested.y }}{{ MAP['x'] }}{{ LIST[0] }}{{ LIST.length }}", "z1a2"],
  ["set and set block", "{% set a = 1 %}{% set b %}x{{ a }}{% endset %}{{ b }}", "x1"],
  ["set inside a loop reaches the outer one", "{% set n = 0 %}{% for i in [1, 2] %}{% set n = n + i %}{% endfor %}{{ n }}", "3"],
  ["macro with defaults and keywords", "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(1, c='y') }}", "12x 13x 12y"],
  ["macro sees variables", "{% macro m() %}{{ ENV }}{% endmacro %}{{ m() }}", "dev"],
  ["call block", "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}{{ ENV }}{% endcall %}", "<dev>"],
  ["macro result in a filter", "{% macro m() %}ab{% endmacro %}{{ m() | upper }}", "AB"],
  ["filter block", "{% filter upper %}a{{ ENV }}{% endfilter %}", "ADEV"],
  ["filters", "{{ 'Ab' | lower }}{{ LIST | join('-') }}{{ [3, 1] | sort | dump }}{{ 'a b' | replace(' ', '_') }}{{ 1.26 | round(1) }}", "aba-b[1,3]a_b1.3"],
  ["methods of Jinja", "{{ 'ab'.upper() }}{% for k, v in MAP.items() %}{{ k }}{% endfor %}{{ MAP.get('none', 'd') }}", "ABxnestedd"],
  ["range", "{% for i in range(2) %}{{ i }}{% endfor %}{% for i in range(1, 6, 2) %}{{ i }}{% endfor %}", "01135"],
  ["arithmetic", "{{ 7 // 2 }}{{ 2 ** 3 }}{{ 7 % 4 }}{{ 1 + 2 * 3 }}{{ 'a' ~ 1 }}", "3837a1"],
  ["in and tests", "{{ 'a' in LIST }}{{ 'x' in MAP }}{{ 4 is even }}{{ ENV is string }}{{ none is none }}", "truetruetruetruetrue"],
  ["whitespace control", "a\n  {%- if YES %}\nb\n  {%- endif %}\nc", "a\nb\nc"],
  ["comments", "a{# {{ NOPE }} \n #}b", "ab"],
  ["raw keeps Superset's Jinja", "{% raw %}{{ current_username() }} {% if x %}{# c #}{% endraw %}{{ ENV }}", "{{ current_username() }} {% if x %}{# c #}dev"],
  ["nothing is escaped", "{{ '<&>' }}\"'", "<&>\"'"],
  ["byte order mark and Windows lines", "\ufeffa: {{ ENV }}\r\nb: 1\r\n", "a: dev\nb: 1\n"],
])("%s", (_, template, expected) => {
  const result = render(template);
  expect(result.problems).toEqual([]);
  expect(result.text).toBe(expected);
});

test("include and import, also relative ones", () => {
  writeFileSync(join(root, "assets/_macros.j2"), "{% macro col(n) %}- {{ n }} {{ ENV }}{% endmacro %}{% macro _hidden() %}{% endmacro %}");
  writeFileSync(join(root, "assets/charts/_part.j2"), "part {{ x }}");
  expect(render("{% import '_macros.j2' as m %}{{ m.col('a') }}").text).toBe("- a dev");
  expect(render("{% from '_macros.j2' import col as c %}{{ c('a') }}").text).toBe("- a dev");
  expect(render("{% set x = 1 %}{% include './_part.j2' %}").text).toBe("part 1");
  expect(render("{% include 'nope.j2' ignore missing %}ok").text).toBe("ok");
  expect(render("{% from '_macros.j2' import cool %}").problems).toEqual(["assets/charts/t.yaml.j2:1:4: cannot import 'cool': the imported template has col"]);
});

test("every place leads back to its line, through loops, macros, values and includes", () => {
  writeFileSync(join(root, "assets/charts/_two.j2"), "one\ntwo\n");
  const result = render([
    "{% macro m(a) %}", //            1
    "m{{ a }}", //                    2
    "{% endmacro -%}", //             3
    "first: 1", //                    4
    "{% for i in [1, 2] -%}", //      5
    "{% if i == 2 %}", //             6
    "two: {{ i }}", //                7
    "{% endif -%}", //                8
    "{% endfor -%}", //               9
    "{{ m('x') }}", //               10
    "{% include './_two.j2' -%}", // 11
    "last: {{ ENV }} z", //          12
  ].join("\n"));
  const lines = (result.text ?? "").split("\n");
  const at = (text: string): string => result.origin(lines.findIndex((line) => line.includes(text)) + 1, lines.find((line) => line.includes(text))?.indexOf(text) ?? 0);
  expect(at("first")).toBe("charts/t.yaml.j2:4:1");
  expect(at("two: 2")).toBe("charts/t.yaml.j2:7:1");
  expect(result.origin(lines.findIndex((line) => line === "mx") + 1, 1)).toBe("charts/t.yaml.j2:2:1");
  expect(at("one")).toBe("charts/_two.j2:1:1");
  expect(result.origin(lines.findIndex((line) => line.startsWith("last")) + 1, 1)).toBe("charts/t.yaml.j2:12:1");
  expect(result.origin(lines.findIndex((line) => line.startsWith("last")) + 1, 11)).toBe("charts/t.yaml.j2:12:17");
});

test("raw blocks and multi-line texts keep their lines", () => {
  const result = render("a: |\n  {% raw %}\n  {{ x }}\n  y{% endraw %}\nb: {# c\n d #}1\nc: {{ ENV\n }}\nd: 1\n");
  expect(result.text).toBe("a: |\n  \n  {{ x }}\n  y\nb: 1\nc: dev\nd: 1\n");
  expect([3, 4, 5, 6, 7].map((line) => result.origin(line))).toEqual(["charts/t.yaml.j2:3:1", "charts/t.yaml.j2:4:1", "charts/t.yaml.j2:5:1", "charts/t.yaml.j2:7:1", "charts/t.yaml.j2:9:1"]);
});

describe("nothing but variables is in reach", () => {
  test.each([
    ["{{ ''.constructor.constructor('return process')() }}", /the variable '(this expression|)\.?constructor' is not defined|is not defined/],
    ["{{ MAP.constructor }}", /'MAP\.constructor' is not defined/],
    ["{{ MAP.__proto__ }}", /'MAP\.__proto__' is not defined/],
    ["{{ MAP['__proto__']['polluted'] }}", /is not defined/],
    ["{{ LIST.map }}", /'LIST\.map' is not defined/],
    ["{{ ENV.constructor }}", /'ENV\.constructor' is not defined/],
    ["{{ range.constructor('return 1')() }}", /is not defined/],
    ["{{ process.env.HOME }}", /'process' is not defined/],
    ["{{ globalThis }}", /'globalThis' is not defined/],
    ["{{ require('fs') }}", /there is no function or macro 'require'/],
    ["{{ constructor }}", /'constructor' is not defined/],
    ["{{ toString }}", /'toString' is not defined/],
    ["{{ ENV | constructor }}", /there is no filter 'constructor'/],
    ["{{ ENV is constructor }}", /there is no test 'is constructor'/],
    ["{{ LIST | random }}", /the filter 'random' is not allowed: compiling twice must give the same bundle/],
    ["{{ a\"^Function`\\x72eturn\\x20process.exit`^\" }}", /./],
    ["{% for i in range(200000) %}{% endfor %}", /range\(\) of more than 100000 numbers/],
    ["{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}", /loops run more than 100000 times/],
    ["{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", /nested deeper than 50/],
    ["{% extends 'x' %}", /template inheritance \(extends, block\) is not supported/],
    ["{% include '../charts/../../../etc/passwd' %}", /is outside assets\//],
    ["{% include 'charts\\\\x' %}", /is outside assets\//],
  ])("%s", (template, message) => {
    const { text, problems } = render(template);
    expect(text).toBeUndefined();
    expect(problems.join("\n")).toMatch(message);
  });

  test("a link to a file outside assets/ is not followed", () => {
    writeFileSync(join(root, "outside.txt"), "secret");
    symlinkSync(join(root, "outside.txt"), join(root, "assets/_link.j2"));
    expect(render("{% include '_link.j2' %}").problems).toEqual([
      "assets/charts/t.yaml.j2:1:4: '_link.j2' is a link to a file outside assets/; templates may include only files of assets/",
    ]);
  });

  test("a map key __proto__ changes nothing", () => {
    expect(render("{% set a = {'__proto__': 1} %}{{ ({}).polluted | default('clean') }}").text).toBe("clean");
  });
});

describe("secrets", () => {
  test("stand for themselves, alone and in a text", () => {
    expect(render("x://u:{{ PASSWORD }}@h").text).toBe(`x://u:${placeholder("PASSWORD")}@h`);
    expect(render("{{ 'a' ~ PASSWORD }}").text).toBe(`a${placeholder("PASSWORD")}`);
    expect(render("{{ PASSWORD | default('x') }}").text).toBe(placeholder("PASSWORD"));
  });
  test("can be percent-encoded later", () => {
    expect(render("{{ PASSWORD | urlencode }}").text).toBe(placeholder("PASSWORD", true));
    expect(render("{{ ('a b' ~ PASSWORD) | urlencode }}").text).toBe(`a%20b${placeholder("PASSWORD", true)}`);
  });
  test.each([
    ["{{ PASSWORD | upper }}", "changed by the filter 'upper'"],
    ["{% if PASSWORD == 'x' %}{% endif %}", "compared"],
    ["{% if 'x' in PASSWORD %}{% endif %}", "compared"],
    ["{{ PASSWORD.length }}", "taken apart"],
  ])("cannot be looked into: %s", (template, done) => {
    expect(render(template).problems.join()).toContain(`the secret variable 'PASSWORD' cannot be ${done} in a template: its value is not known before it is written to Superset`);
  });
});
