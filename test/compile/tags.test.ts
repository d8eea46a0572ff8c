/** Where the tags of a template are, against what nunjucks makes of it: every piece of rendered text must stand where it says. */
import * as fc from "fast-check";
import { Renderer } from "../../compile/render";
import { tagsOf } from "../../compile/template-tags";

const render = (text: string) => new Renderer({ root: "/nowhere", variables: { X: "x", LIST: ["a", "b"], YES: true }, undefinedReason: () => "no" }).render("assets/t.yaml.j2", text);

const shapes = (text: string) => tagsOf(text).map(({ kind, start, end, block }) => `${kind}:${text.slice(start, end)}${block === undefined ? "" : ` in ${block.name}`}`);

test("tags, texts and blocks", () => {
  expect(shapes("a: {{ X }}\n{% if YES -%}\nb\n{%- else %}c{% endif %}{# {% if #}d")).toEqual([
    "data:a: ", "output:{{ X }}", "data:\n", "block:{% if YES -%} in if", "data:\nb\n in if", "block:{%- else %} in if", "data:c in if", "block:{% endif %} in if", "comment:{# {% if #}", "data:d",
  ]);
});

test("what would end a tag may stand in its texts", () => {
  expect(shapes(`{{ "}}" }}{{ '%}\\'' }}{{ r/}}/g }}e`)).toEqual([`output:{{ "}}" }}`, `output:{{ '%}\\'' }}`, "output:{{ r/}}/g }}", "data:e"]);
});

test("raw blocks hold tags as text, also each other; a set is a block where it has no value", () => {
  expect(shapes("{% raw %}{{ a }}{% raw %}b{% endraw %}{% endraw %}c")).toEqual([
    "block:{% raw %} in raw", "data:{{ a }}{% raw %}b{% endraw %} in raw", "block:{% endraw %} in raw", "data:c",
  ]);
  expect(shapes("{% set a = 1 %}b{% set c %}d{% endset %}")).toEqual(["block:{% set a = 1 %}", "data:b", "block:{% set c %} in set", "data:d in set", "block:{% endset %} in set"]);
});

const trim = fc.constantFrom("", "-");
const text = fc.stringMatching(/^[a-c \n{}%#]{0,6}$/).filter((part) => !/\{[%{#]|#\}|\{$/.test(part));
const { template } = fc.letrec<{ template: string; part: string }>((tie) => ({
  template: fc.array(tie("part"), { maxLength: 5 }).map((parts) => parts.join("")),
  part: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    text,
    fc.tuple(trim, trim).map(([a, b]) => `{{${a} X ${b}}}`),
    fc.tuple(trim, trim).map(([a, b]) => `{#${a} c ${b}#}`),
    text.map((inner) => `{% raw %}${inner}{{ Y }}{% endraw %}`),
    fc.tuple(trim, trim, tie("template"), trim, trim).map(([a, b, inner, c, d]) => `{%${a} for i in LIST ${b}%}${inner}{%${c} endfor ${d}%}`),
    fc.tuple(trim, trim, tie("template"), tie("template")).map(([a, b, inner, other]) => `{%${a} if YES ${b}%}${inner}{%${b} else ${a}%}${other}{% endif %}`),
  ),
}));

test("every piece of a rendered text stands in its template where it says, and the tags cover the template", () => {
  fc.assert(fc.property(template, (source) => {
    const { rendered } = render(source);
    fc.pre(rendered !== undefined);
    for (const piece of rendered.pieces) {
      if (piece.verbatim) {
        expect(source.slice(piece.offset, (piece.offset ?? 0) + piece.text.length)).toBe(piece.text);
      }
    }
    const tags = tagsOf(source);
    expect(tags.map(({ start, end }) => source.slice(start, end)).join("")).toBe(source);
    const texts = tags.filter(({ kind }) => kind === "data");
    for (const { offset = -1, verbatim, text: own } of rendered.pieces) {
      if (verbatim) {
        expect(texts.some(({ start, end }) => start <= offset && offset + own.length <= end)).toBe(true);
      }
    }
  }), { numRuns: 500 });
});
