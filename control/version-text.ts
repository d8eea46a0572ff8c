/** What an environment runs, as people and programs read it. Pure. */
import { UserError } from "../provider/errors";
import type { RecordedDeployment } from "../provider/postgres/deployments";
import { counted } from "./drift-plan";
import type { Relation } from "./git/checkout";
import { isEmptyPlan, type Plan } from "./plan";
import { planHeadline } from "./plan-text";
import { isDrifted } from "./status";
import { isCurrent, type GitComparison, type VersionReport } from "./version";

/** The report: what was deployed, what Git has, what is there; then the history where it was asked for. */
export function versionText(report: VersionReport, withHistory: boolean): string {
  const { environment, deployed, git, live, history } = report;
  const lines = [
    ...(deployed === undefined ? [`${environment} runs nothing that was deployed from here`] : [`${environment} runs commit ${deployed.git_sha}`, ...details(deployed)]),
    ...(git === undefined ? [] : [`  git: ${gitText(git)}`]),
    `  live: ${liveText(live)}`,
  ];
  return [...lines, ...(withHistory ? ["", ...history.map(historyLine)] : [])].join("\n");
}

function details({ migration_version: version, bundle_hash: bundle, deployed_at: at, deployed_by: who }: RecordedDeployment): string[] {
  return [`  deployed ${at} by ${who}`, `  migrations up to ${version ?? "none"}, bundle ${bundle}`];
}

function historyLine({ deployed_at: at, git_sha: sha, deployed_by: who, migration_version: version, bundle_hash: bundle }: RecordedDeployment): string {
  return `${at}  ${sha}  ${who}  migrations ${version ?? "none"}  bundle ${bundle.slice(0, 12)}`;
}

function gitText({ relation, uncommitted, sameBundle, sameMigrations }: GitComparison): string {
  const differs = [...(sameBundle ? [] : ["other assets"]), ...(sameMigrations ? [] : ["other migrations"])];
  const content = differs.length === 0 ? "the same assets and migrations" : differs.join(" and ");
  return `${relationText(relation)}; this checkout has ${content}${uncommitted.length === 0 ? "" : ` (${counted(uncommitted.length, "uncommitted file")} among them)`}`;
}

/** Where the deployed commit stands. */
function relationText(relation: Relation): string {
  switch (relation.kind) {
    case "head":
      return "that is HEAD";
    case "behind":
      return `HEAD is ${counted(relation.commits, "commit")} further`;
    case "ahead":
      return `HEAD lacks ${counted(relation.commits, "commit")} of it`;
    case "diverged":
      return "HEAD is of another branch";
    case "unknown":
      return "this repository does not have that commit";
  }
}

function liveText(live: Plan | UserError): string {
  if (live instanceof UserError) {
    return `not known: ${live.message}`;
  }
  return isEmptyPlan(live) ? "as this checkout wants it" : planHeadline(live).replace(/^[^:]*: /, "");
}

/** The same for programs. */
export function versionData(report: VersionReport): Readonly<Record<string, unknown>> {
  const { environment, deployed, git, live, history } = report;
  const found =
    live instanceof UserError
      ? { known: false, error: live.message }
      : {
          known: true,
          as_git_wants: isEmptyPlan(live),
          drift: live.assets.filter(isDrifted).map(({ kind, name, uuid }) => ({ kind: kind.name, name, uuid })),
          pending: live.assets.filter((asset) => !isDrifted(asset)).map(({ kind, name, uuid }) => ({ kind: kind.name, name, uuid })),
          pending_migrations: live.migrations?.pending ?? [],
          schema_drift: live.migrations?.drift ?? [],
        };
  return {
    environment,
    current: isCurrent(report),
    deployed: deployed ?? null,
    git: git === undefined ? null : { head: git.head ?? null, relation: git.relation, uncommitted: git.uncommitted, same_bundle: git.sameBundle, same_migrations: git.sameMigrations },
    live: found,
    history,
  };
}
