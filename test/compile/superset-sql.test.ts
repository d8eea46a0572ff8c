/** Superset's run-time Jinja: beside the real Jinja2 of the installed Superset, and the exact texts. */
import { spawnSync } from "node:child_process";
import { renderSql, situationsOf, type Situation, type SqlContext } from "../../compile/superset-sql";
import { supersetPython } from "./python";

const CONTEXT: SqlContext = {
  parameters: { tenant: "acme", years: [2024, 2025] },
  columns: ["region", "amount"],
  metrics: new Map([["revenue", "SUM(amount)"], ["share", "{{ metric('revenue') }} / 2"], ["self", "{{ metric('self') }}"]]),
};
const text = (sql: string, situation: Situation): string => {
  const rendered = renderSql(sql, situation, CONTEXT);
  return "sql" in rendered ? rendered.sql : `unknown: ${rendered.unknown}`;
};

const SAMPLES: readonly string[] = [
  "select * from orders where who = '{{ current_username() }}' and id = {{ current_user_id() }} and mail = '{{ current_user_email() }}'",
  "select * from orders where 1 = 1 {% if filter_values('region') %}and region in {{ filter_values('region') | where_in }}{% endif %}",
  "select * from orders where region in ({{ \"'\" + \"','\".join(filter_values('region', 'North')) + \"'\" }})",
  "{% for f in get_filters('region', remove_filter=True) %}{% if f.get('op') == 'IN' %} and region in {{ f.get('val')|where_in }}{% elif f.op == 'LIKE' %}x{% endif %}{% endfor %}",
  "select 1 {% if from_dttm is not none %}where d >= '{{ from_dttm }}' and d < '{{ to_dttm }}'{% else %}limit 1{% endif %}",
  "select '{{ url_param('country') }}', '{{ url_param('city', 'Oslo') }}', '{{ url_param('x', default='y') }}'",
  "select * from t where tenant = '{{ tenant }}' and y in {{ years | where_in }} and y = {{ years[0] }}",
  "{% set roles = current_user_roles() %}{% if 'Admin' in roles %}select 1{% else %}select 2 /* {{ roles | join(',') }} */{% endif %}",
  "{% if current_user_rls_rules() %}{{ current_user_rls_rules() | join(' and ') }}{% endif %}",
  "select {% for c in table_columns %}{{ c }}{% if not loop.last %}, {% endif %}{% endfor %} {{ row_limit }}",
  "{# a comment #}select '{{ 'a' | upper }}' {%- if not filter %} x{%- endif %}",
  "{{ filter_values('none') | where_in(default_to_none=True) }}",
  "select {{ metric('revenue') }}, {{ metric('share') }}",
  "{{ from_dttm }} {{ time_grain or 'P1D' }} {{ cache_key_wrapper('k') }}",
  "{% set tf = get_time_filter('d', default='Last week', target_type='DATE', strftime='%Y-%m') %}{{ 'x' if tf.from_expr else 'y' }}",
  "{% if x is defined %}{{ x }}{% else %}none{% endif %}{% if True %}{{ None }}{% endif %}",
];

const PYTHON = `
import json, sys
from jinja2 import DebugUndefined
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.expression import bindparam
def where_in(values, mark=None, default_to_none=False):
    parts = [str(bindparam(f"value_{i}", v).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})) for i, v in enumerate(values)]
    joined = ", ".join(parts)
    return f"({joined})" if (joined or not default_to_none) else None
given = json.load(sys.stdin)
out = []
for situation in ("open", "filtered"):
    filtered = situation == "filtered"
    env = SandboxedEnvironment(undefined=DebugUndefined)
    env.filters["where_in"] = where_in
    context = dict(columns=[], groupby=[], metrics=[], filter=[], row_limit=1000, row_offset=0, time_column=None, time_grain=None, table_columns=given["columns"],
        from_dttm="2026-01-01T00:00:00" if filtered else None, to_dttm="2026-02-01T00:00:00" if filtered else None)
    context.update(given["parameters"])
    context.update(
        current_user_id=lambda: 1, current_username=lambda: "user", current_user_email=lambda: "user@example.com", current_user_roles=lambda: ["Gamma"],
        current_user_rls_rules=lambda: ["1 = 1"] if filtered else None, cache_key_wrapper=lambda k: k,
        url_param=lambda p, default=None: default if default is not None else ("1" if filtered else None),
        filter_values=lambda c, default=None: ["1"] if filtered else ([default] if default else []),
        get_filters=lambda c, remove_filter=False: [{"op": "IN", "col": c, "val": ["1"]}] if filtered else [],
        get_time_filter=lambda *a, **k: {"from_expr": "2026-01", "to_expr": "2026-02"},
        metric=lambda name: env.from_string(given["metrics"][name]).render(context))
    out.append([env.from_string(s).render(context) for s in given["samples"]])
print(json.dumps(out))
`;

const python = supersetPython();
(python === undefined ? test.skip : test)("renders as Jinja2 does (skipped where no Superset is installed)", () => {
  const input = JSON.stringify({ samples: SAMPLES, columns: CONTEXT.columns, parameters: CONTEXT.parameters, metrics: Object.fromEntries(CONTEXT.metrics) });
  const run = spawnSync(python ?? "", ["-c", PYTHON], { input, encoding: "utf8" });
  expect(run.stderr).toBe("");
  const [open, filtered] = JSON.parse(run.stdout) as [string[], string[]];
  expect(SAMPLES.map((sql) => text(sql, "open"))).toEqual(open);
  expect(SAMPLES.map((sql) => text(sql, "filtered"))).toEqual(filtered);
});

test.each<[string, string, string]>([
  ["select 1", "select 1", "select 1"],
  ["where region in {{ filter_values('region') | where_in }}", "where region in ()", "where region in ('1')"],
  ["{{ get_time_filter('d', target_type='TIMESTAMP').from_expr }}", "None", "TO_TIMESTAMP('2026-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')"],
  ["{{ get_time_filter('d', default='Last week', target_type='DATE').to_expr }}", "TO_DATE('2026-02-01', 'YYYY-MM-DD')", "TO_DATE('2026-02-01', 'YYYY-MM-DD')"],
  ["{{ get_time_filter('d', default='Last week').to_expr }}", "None", "TO_TIMESTAMP('2026-02-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')"],
  ["{{ ['it''s', 2] | where_in }}".replace("''", "\\'"), "('it''s', 2)", "('it''s', 2)"],
])("%s", (sql, open, filtered) => {
  expect([text(sql, "open"), text(sql, "filtered")]).toEqual([open, filtered]);
});

test.each<[string, string]>([
  ["select * from {{ dataset(12) }}", "dataset() takes the number of a dataset on one server"],
  ["{{ metric('revenue', 7) }}", "metric('revenue', …) takes the number of a dataset on one server"],
  ["{{ metric('profit') }}", "metric('profit'): the dataset has no such metric"],
  ["{{ metric('self') }}", "metric('self') leads back to itself"],
  ["{{ my_macro() }}", "my_macro(): Superset itself has no such name; it may come from JINJA_CONTEXT_ADDONS of its configuration"],
  ["{{ my_variable }}", "the variable 'my_variable' is not defined: Superset itself has no such name; it may come from JINJA_CONTEXT_ADDONS of its configuration"],
  ["{% include 'x.sql' %}", "cannot find the template 'x.sql': names are relative to assets/, or to this file when they begin with ./ or ../"],
  ["{% if %}", "not a valid template: unexpected token: %}"],
])("not guessed: %s", (sql, reason) => {
  expect(renderSql(sql, "open", CONTEXT)).toEqual({ unknown: reason });
});

test("one situation where there is no Jinja", () => {
  expect(situationsOf("select '{}' -- { % }")).toEqual(["open"]);
  expect(situationsOf("select {{ x }}")).toEqual(["open", "filtered"]);
});
