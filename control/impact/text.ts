/** The impact report as people read it: at a terminal, and as a part of a pull request's comment. Pure. */
import type { AssetRef, BrokenDataset, BrokenItem, ImpactReport, MigrationImpact, ReachedAsset } from "./report";

/** Most lines of one list. */
const LIST = 40;

/** One line: how many checks, how many fail. */
export function impactHeadline(report: ImpactReport): string {
  const { environment, checked, unchecked, migrations } = report;
  const broken = count(report.impacts.flatMap(({ breaks }) => breaks));
  const [wrong, before] = [count(report.wrong), count(report.before)];
  const parts = [
    `${counted(checked, "check")} after ${counted(migrations, "pending migration")}`,
    ...(report.failed === undefined ? [] : ["a migration fails"]),
    ...(broken === 0 ? [] : [`${counted(broken, "thing")} broken by them`]),
    ...(wrong === 0 ? [] : [`${counted(wrong, "thing")} wrong in the bundle`]),
    ...(before === 0 ? [] : [`${counted(before, "thing")} broken before`]),
    ...(unchecked.length === 0 ? [] : [`${unchecked.length} not checked`]),
  ];
  return `${environment}: ${parts.join(", ")}`;
}

function count(datasets: readonly BrokenDataset[]): number {
  return datasets.reduce((sum, { items, reaches }) => sum + items.length + reaches.reduce((inner, one) => inner + one.items.filter((item) => "message" in item).length, 0), 0);
}

/** The whole report for a terminal. */
export function impactText(report: ImpactReport): string {
  return [
    impactHeadline(report),
    ...report.impacts.flatMap(migrationLines),
    ...(report.failed === undefined ? [] : ["", "a pending migration does not get through, in a database with this schema and no data:", ...report.failed.split("\n").map((line) => `  ${line}`)]),
    ...section("wrong in the bundle, before and after the migrations", report.wrong.flatMap((dataset) => datasetLines(dataset, "  "))),
    ...section("broken before, in assets that have not changed", report.before.flatMap((dataset) => datasetLines(dataset, "  "))),
    ...section("repaired by them", report.repaired.map((one) => `  ${"kind" in one ? `${one.kind} '${one.name}': ` : ""}${one.label}`)),
    ...section("not checked", limited(report.unchecked.map(({ file, line, kind, name, label, reason }) => `  ${place({ file, line })}: ${kind} '${name}', ${label}: ${reason}`))),
    ...section("note", report.notes.map((note) => `  ${note}`)),
  ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines];
}

function migrationLines({ name, changes, breaks }: MigrationImpact): string[] {
  const causes = new Set(breaks.flatMap((dataset) => dataset.causes));
  const harmless = changes.filter((change) => !causes.has(change));
  return [
    "",
    ...breaks.flatMap((dataset) => [
      ...(dataset.causes.length === 0 ? [`migration ${name}`] : limited(dataset.causes).map((cause) => `migration ${name} ${cause}`)),
      ...datasetLines(dataset, "  "),
    ]),
    ...limited(harmless).map((change) => `migration ${name} ${change}: nothing in the bundle breaks`),
  ];
}

/** `→ dataset orders → column … → chart … → dashboard …`, a line for each. */
function datasetLines(dataset: BrokenDataset, indent: string): string[] {
  return [
    `${indent}→ ${asset(dataset)}`,
    ...dataset.items.map((item) => `${indent}    ${itemText(item)}`),
    ...dataset.reaches.flatMap((reached) => reachedLines(reached, `${indent}  `)),
  ];
}

function reachedLines(reached: ReachedAsset, indent: string): string[] {
  const pages = reached.pages.filter(({ uuid }) => uuid !== reached.uuid).map(({ kind, name }) => `${kind} '${name}'`);
  const named = reached.items.filter((item) => !("message" in item)).map(({ label }) => label);
  const own = reached.items.flatMap((item) => ("message" in item ? [item] : []));
  return [
    `${indent}→ ${asset(reached)}${named.length === 0 ? "" : `: ${named.join(", ")}`}${pages.length === 0 ? "" : ` → ${pages.join(", ")}`}`,
    ...own.map((item) => `${indent}    ${itemText(item)}`),
  ];
}

function itemText(item: BrokenItem): string {
  return `${place(item)}: ${item.severity === "warning" ? "warning: " : ""}${item.label}: ${item.message} (${item.code})${item.severity === "warning" ? "; it works as soon as a filter is set" : ""}`;
}

function asset({ kind, name }: AssetRef): string {
  return `${kind} '${name}'`;
}

function place({ file, line }: { readonly file: string; readonly line?: number | undefined }): string {
  return line === undefined ? file : `${file}:${line}`;
}

function counted(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

function fitting(lines: readonly string[], environment: string): string[] {
  let length = 0;
  const kept = lines.filter((line) => (length += line.length + 1) <= COMMENT_LIMIT);
  return kept.length === lines.length ? kept : [...kept, `… and ${lines.length - kept.length} more lines: hybrid validate --env ${environment} --db`];
}

function limited(lines: readonly string[]): string[] {
  return lines.length <= LIST ? [...lines] : [...lines.slice(0, LIST), `  … and ${lines.length - LIST} more`];
}

/** Characters of a comment on GitHub (65,536) that the report takes at most: a plan may stand above it. */
const COMMENT_LIMIT = 30_000;

/** The report as Markdown for a pull request's comment; what does not fit is counted. */
export function impactMarkdown(report: ImpactReport): string {
  const text = fitting(impactText(report).split("\n"), report.environment);
  const fence = "`".repeat(Math.max(2, ...[...text.join("\n").matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const [headline = "", ...rest] = text;
  const body = rest.join("\n").trim();
  return [`### Impact on \`${report.environment}\``, "", `${headline.replace(/^[^:]*: /, "").replace(/^./, (first) => first.toUpperCase())}.`, ...(body === "" ? [] : ["", fence, body, fence]), ""].join("\n");
}
