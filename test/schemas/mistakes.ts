/** Files as people get them wrong, each in one place. */

/** By the schema's name, the text of a file and what is wrong in it. */
export const MISTAKES: readonly (readonly [schema: string, what: string, text: string])[] = [
  ["database", "a misspelt field", "database_name: w\nsqlalchemy_uri: sqlite://\ncache_timout: 5\n"],
  ["database", "no address", "database_name: w\n"],
  ["database", "a text for a truth value", 'database_name: w\nsqlalchemy_uri: sqlite://\nallow_dml: "false"\n'],
  ["database", "an unknown member of extra", "database_name: w\nsqlalchemy_uri: sqlite://\nextra: {allows_virtual_tables: true}\n"],
  ["database", "half a second", "database_name: w\nsqlalchemy_uri: sqlite://\ncache_timeout: 0.5\n"],
  ["dataset", "columns as names", "table_name: t\ndatabase: w\ncolumns: [a, b]\n"],
  ["dataset", "a metric without SQL", "table_name: t\ndatabase: w\nmetrics:\n  - {metric_name: total}\n"],
  ["dataset", "a misspelt field of a column", "table_name: t\ndatabase: w\ncolumns:\n  - {column_name: a, verbose: A}\n"],
  ["dataset", "a number for a name", "table_name: 5\ndatabase: w\n"],
  ["chart", "a field of another kind", "slice_name: C\nviz_type: table\ndatasource: t\ntable_name: t\n"],
  ["chart", "an empty name", 'slice_name: " "\nviz_type: table\ndatasource: t\n'],
  ["chart", "params as a list", "slice_name: C\nviz_type: table\ndatasource: t\nparams: [a]\n"],
  ["chart", "a uuid in capitals", "slice_name: C\nviz_type: table\ndatasource: t\nuuid: 6B1D9D5E-6C1E-4A5B-9D0A-3F6B6A1C2E01\n"],
  ["dashboard", "a chart that is too wide", "dashboard_title: D\nlayout:\n  - [{chart: C, width: 13}]\n"],
  ["dashboard", "a misspelt item", "dashboard_title: D\nlayout:\n  - [{chrat: C}]\n"],
  ["dashboard", "a tab without rows", "dashboard_title: D\nlayout:\n  tabs:\n    - {tab: One}\n"],
  ["policy", "an unknown mode", "apply:\n  dev: {mode: git_wins}\n"],
  ["policy", "a gate of its own making", "apply:\n  dev: {mode: overwrite_git_wins, drift_gate: stop}\n"],
  ["policy", "a duration without a unit there is", "db: {mode: migrations, lock_timeout: 5 minutes}\n"],
  ["mapping", "a list of tables", "source: {tables: [a]}\ntarget: {}\n"],
  ["mapping", "no target", "source: {tables: {a: b}}\n"],
  ["translate", "a rule without fields", "rules:\n  - {variable: TENANT}\n"],
  ["translate", "a field with an empty step", "rules:\n  - {variable: TENANT, fields: [params..x]}\n"],
  ["translate", "a way to compare that there is not", "rules:\n  - {variable: TENANT, fields: [sql], tokens: word}\n"],
];

/** What these files would be beside the right one. */
export const RIGHT: Readonly<Record<string, string>> = {
  database: "database_name: w\nsqlalchemy_uri: sqlite://\n",
  dataset: "table_name: t\ndatabase: w\ncolumns:\n  - {column_name: a}\nmetrics:\n  - {metric_name: total, expression: COUNT(*)}\n",
  chart: "slice_name: C\nviz_type: table\ndatasource: t\nparams: {metrics: [a]}\n",
  dashboard: "dashboard_title: D\nlayout:\n  tabs:\n    - tab: One\n      rows: [[{chart: C, width: 12}], {markdown: text}]\n",
  policy: "db: {mode: migrations, lock_timeout: 5min}\napply:\n  dev: {mode: overwrite_git_wins, drift_gate: warn}\n",
  mapping: "source: {tables: {a: b}}\ntarget: {}\n",
  translate: "rules:\n  - {variable: TENANT, fields: [sql, params.**.comparator], kinds: [chart], tokens: words}\nignore: {variables: [A], fields: [css], values: [live]}\n",
};
