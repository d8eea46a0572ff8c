/** Which checks a database fails. */
import type { Planner, PlanFailure } from "../../provider/postgres/explain";
import type { RelationAsset } from "../lineage";
import type { Check } from "./queries";

/** A failed check. */
export interface Failure extends PlanFailure {
  /** `warning`: it works as soon as a filter is set. */
  readonly severity: "error" | "warning";
}

/** A syntax error: what an empty list leaves behind says less than a missing name. */
const SYNTAX = "42601";
/** A column outside GROUP BY: in a condition over groups that is a question of the chart's own columns. */
const NOT_GROUPED = "42803";

/** Search path of a dataset's queries, as Superset sets it: its schema alone, where it has one (postgres.py: get_prequeries). */
export type PathOf = (relation: RelationAsset) => string;

/**
 * Plans the queries of checks. Of a dataset whose table or query fails only that is told: nothing else of it can work.
 * @param wanted which checks. Default: all
 */
export async function failuresOf(planner: Planner, pathOf: PathOf, checks: readonly Check[], wanted: (check: Check) => boolean = () => true): Promise<Map<Check, Failure>> {
  const failures = new Map<Check, Failure>();
  const broken = new Set<string>();
  const unfiltered = new Set<string>();
  // The sources come first in the list of each dataset.
  for (const check of checks) {
    if (!wanted(check) || broken.has(check.relation.asset.uuid)) {
      continue;
    }
    const failure = await failureOf(planner, pathOf(check.relation), check);
    if (failure === undefined || (failure.severity === "warning" && unfiltered.has(check.relation.asset.uuid))) {
      continue;
    }
    failures.set(check, failure);
    if (check.subject === "source") {
      (failure.severity === "error" ? broken : unfiltered).add(check.relation.asset.uuid);
    }
  }
  return failures;
}

async function failureOf(planner: Planner, searchPath: string, check: Check): Promise<Failure | undefined> {
  const found: (PlanFailure | undefined)[] = [];
  for (const sql of check.queries) {
    const failure = await planner.failure({ sql, searchPath });
    found.push(failure === undefined || says(check, failure) ? failure : undefined);
  }
  const failures = found.filter((failure) => failure !== undefined);
  const telling = failures.find(({ code }) => code !== SYNTAX) ?? failures[0];
  if (telling === undefined) {
    return undefined;
  }
  // The situation in which nothing is filtered is the first one.
  const onlyUnfiltered = found.length > 1 && found[0] !== undefined && failures.length === 1;
  return { ...telling, severity: onlyUnfiltered ? "warning" : "error" };
}

/** Whether the failure says something about the schema. */
function says({ madeUp, label, queries }: Check, { code }: PlanFailure): boolean {
  const isValue = code.startsWith("22");
  const isGrouping = code === NOT_GROUPED && (label === "filter" || queries.some((sql) => /\shaving \(/.test(sql)));
  return !(madeUp && isValue) && !isGrouping;
}
