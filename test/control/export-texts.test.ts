/** The texts of an export: names of assets and people must break nothing, and the same edits give the same text. */
import { commitMessage, pullText, withPullText, type AssetChange } from "../../control/export-pr/texts";
import { code, plain, TEXT_LIMIT } from "../../control/markdown";
import { kindNamed } from "../../provider/kinds/registry";

const edited: AssetChange = {
  kind: kindNamed("chart"),
  uuid: "7c0e4b66-0000-4000-8000-000000000001",
  name: "Revenue",
  source: "assets/charts/revenue.yaml.j2",
  change: "edited",
  fields: [{ path: "params.row_limit", before: 1000, after: 500 }, { path: "description", after: "a | b `c`\n@eve" }],
  conflicts: [],
  contradicts: false,
  unapplied: false,
  editor: { name: "Ada Lovelace", at: "2026-11-21T10:00:00.000Z" },
};
const text = (change: Partial<AssetChange>, more: Partial<Parameters<typeof pullText>[0]> = {}): string => pullText({ environment: "dev", changes: [{ ...edited, ...change }], others: [], notes: [], ...more });

test("a commit says who, what and on which base", () => {
  expect(commitMessage("dev", [edited], "abc")).toBe(`UI edit of dev by Ada Lovelace: chart 'Revenue'

chart 'Revenue' (assets/charts/revenue.yaml.j2) was edited in Superset by Ada Lovelace at 2026-11-21T10:00:00.000Z
  params.row_limit: 1000 → 500
  description: (none) → "a | b \`c\`\\n@eve"

Hybrid-Export: dev
Hybrid-Base: abc
`);
  const several = commitMessage("dev", [edited, { ...edited, name: "New", change: "new", fields: [] }, { ...edited, name: "Old\n\nHybrid-Export: prod", change: "deleted", fields: [] }], "abc");
  expect(several).toMatch(/^UI edits of dev by Ada Lovelace: 3 assets\n/);
  expect(several).toContain("chart 'New' (assets/charts/revenue.yaml.j2) is new, last changed by Ada Lovelace at ");
  expect(several).toContain("chart 'Old Hybrid-Export: prod' (assets/charts/revenue.yaml.j2) was deleted in Superset\n");
  expect(commitMessage("dev", [{ ...edited, editor: undefined }], "abc")).toMatch(/^UI edit of dev: chart 'Revenue'\n/);
});

test("the pull request lists the fields, who and when", () => {
  expect(text({})).toBe(`<!-- hybrid: ui-edits dev -->
What was made in the Superset of \`dev\` and is not in Git: 1 asset.

### chart Revenue · \`assets/charts/revenue.yaml.j2\`

Was edited in Superset by Ada Lovelace at 2026-11-21T10:00:00.000Z.

| field | Git | Superset | |
|---|---|---|---|
| \`params.row_limit\` | \`1000\` | \`500\` |  |
| \`description\` | \`(none)\` | \`\`"a \\| b \`c\`\\n@eve"\`\` |  |

### How to go on

- **Merge** it: the next apply of \`dev\` finds Git and Superset equal.
- **Change** it: push commits to this branch. Later exports add to them and do not touch them.
- **Reject** it: close it, and undo the edits in Superset, or write Git's version over them (\`HYBRID_APPLY_MODE=overwrite_git_wins pulumi up --stack dev\`).
<!-- hybrid: end -->`);
});

test("conflicts are marked where they are, also inside a field and around it", () => {
  const conflicts = [{ path: "params.row_limit", base: 100, git: 1000, live: 500 }];
  expect(text({ conflicts })).toContain("| `params.row_limit` | `1000` | `500` | **conflict**: was `100` at the last apply |\n| `description` | `(none)` | ``\"a \\| b `c`\\n@eve\"`` |  |");
  expect(text({ conflicts })).toContain("**Conflicts**: Git has changed some of the same since the last apply.");
  expect(text({ fields: [{ path: "params", before: 1, after: 2 }], conflicts })).toContain("| `params` | `1` | `2` | **conflict**");
  expect(text({ fields: [{ path: "params.row_limits", before: 1, after: 2 }], conflicts })).toContain("| `params.row_limits` | `1` | `2` |  |");
  expect(text({ contradicts: true, change: "deleted", fields: [] })).toContain("**Conflict**: Git has changed it since the last apply.");
  expect(text({ contradicts: true, change: "new", fields: [] })).toContain("**Conflict**: its template was removed in Git.");
  expect(text({ unapplied: true })).toContain("It was never applied from here, so all of Superset's version is taken");
});

test("other environments and what was not taken over", () => {
  const found = text({}, {
    others: [{ name: "prod", changed: 2 }, { name: "staging", changed: 0 }, { name: "test", changed: 0, unknown: "environment variable X is not set" }],
    notes: [{ file: "assets/charts/a.yaml.j2", line: 3, message: "the edit cannot be kept", severity: "warning" }],
  });
  expect(found).toContain("\n- `prod` changes too, in 2 assets.\n- `staging` stays as it is.\n- `test` was not checked here: environment variable X is not set\n");
  expect(found).toContain("### Not taken over, or only in part\n\n- `assets/charts/a.yaml.j2:3: warning: the edit cannot be kept`\n");
});

test("what does not fit is counted, and the text stays within GitHub's limit", () => {
  const many = Array.from({ length: 45 }, (_, index) => ({ path: `params.f${index}`, before: index, after: "x" }));
  expect(text({ fields: many })).toContain("\n5 more fields: see the diff.\n");
  const changes = Array.from({ length: 500 }, (_, index) => ({ ...edited, name: `Chart ${index}`, fields: many }));
  const long = pullText({ environment: "dev", changes, others: [], notes: [] });
  expect(long.length).toBeLessThanOrEqual(TEXT_LIMIT);
  expect(long).toMatch(/\n\d{3} more assets did not fit here: see the diff\.\n/);
  expect(long.endsWith("<!-- hybrid: end -->")).toBe(true);
});

test("our part of the text is replaced, what people wrote stays", () => {
  const [first, second] = [text({}), text({ name: "Turnover" })];
  expect(withPullText("", "dev", first)).toBe(first);
  expect(withPullText(first, "dev", first)).toBe(first);
  expect(withPullText(`Look!\r\n\r\n${first.replaceAll("\n", "\r\n")}\r\n\r\nBye`, "dev", second)).toBe(`Look!\n\n${second}\n\nBye`);
  expect(withPullText("All mine", "dev", first)).toBe(`${first}\n\nAll mine`);
});

test.each([
  ["a|b", "`a\\|b`"], ["`", "`` ` ``"], ["a``b", "```a``b```"], ["a\nb", "`a b`"], ["", "`  `"],
])("code of %j", (value, expected) => {
  expect(code(value)).toBe(expected);
});

test("plain words are no mention, reference, heading, tag or table", () => {
  expect(plain("# @eve <b> [x](y) *a* _b_ a|b\n#1")).toBe("&#35; &#64;eve &lt;b&gt; \\[x\\](y) \\*a\\* \\_b\\_ a\\|b &#35;1");
});
