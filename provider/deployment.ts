/**
 * Resource `Deployment`: a row of `meta.deployments` for everything that was deployed. A new commit with the same bundle and migration
 * version is no change and writes no row; destroying the resource leaves the rows.
 */
import type { CheckFailure, ResourceHandler } from "./resource";
import type { Json, JsonObject } from "./json";
import { insertDeployment, readDeployment, type DeploymentRow } from "./postgres/deployments";

/** Columns and the longest text each takes, in characters. */
const COLUMNS: Readonly<Record<keyof DeploymentRow, number>> = { environment: 50, git_sha: 40, bundle_hash: 64, migration_version: 255, deployed_by: 255 };
const NAMES = Object.keys(COLUMNS) as (keyof DeploymentRow)[];

/** Whose change makes a new row. */
const MATTERS = ["environment", "bundle_hash", "migration_version"] as const;

function differs(olds: JsonObject, news: JsonObject): boolean {
  return MATTERS.some((name) => (olds[name] ?? null) !== (news[name] ?? null));
}

/** The column is as long as a SHA-1; of the commits of a repository in SHA-256 format it holds the beginning, which Git takes for the whole. */
function shortSha(sha: Json | undefined): JsonObject {
  return typeof sha === "string" && /^[0-9a-f]{64}$/.test(sha) ? { git_sha: sha.slice(0, COLUMNS.git_sha) } : {};
}

function failuresOf(inputs: JsonObject): CheckFailure[] {
  const unknown = Object.keys(inputs).filter((name) => !(name in COLUMNS)).map((property) => ({ property, reason: `'${property}' is no column of meta.deployments; known: ${NAMES.join(", ")}` }));
  return [...unknown, ...NAMES.flatMap((property) => {
    const value = inputs[property] ?? null;
    if (value === null && property === "migration_version") {
      return [];
    }
    if (typeof value !== "string" || value === "") {
      return [{ property, reason: `'${property}' is missing; it is a text of up to ${COLUMNS[property]} characters` }];
    }
    const length = [...value].length;
    return length > COLUMNS[property] ? [{ property, reason: `'${property}' has ${length} characters; meta.deployments.${property} takes ${COLUMNS[property]}` }] : [];
  })];
}

function rowOf(inputs: JsonObject): DeploymentRow {
  const text = (name: keyof DeploymentRow): string => {
    const value: Json | undefined = inputs[name];
    return typeof value === "string" ? value : "";
  };
  const version = inputs["migration_version"];
  return {
    environment: text("environment"),
    git_sha: text("git_sha"),
    bundle_hash: text("bundle_hash"),
    migration_version: typeof version === "string" ? version : null,
    deployed_by: text("deployed_by"),
  };
}

/** See the module's comment. */
export const deployment: ResourceHandler = {
  async check(olds, news, context) {
    const given: JsonObject = { environment: context.environment, ...news, ...shortSha(news["git_sha"]) };
    // Who and which commit are of the row that stands; a deployment that changes nothing keeps them, so that nothing is shown.
    const kept = typeof olds["bundle_hash"] === "string" && !differs(olds, given);
    const inputs: JsonObject = kept ? { ...given, git_sha: olds["git_sha"] ?? null, deployed_by: olds["deployed_by"] ?? null } : given;
    return { inputs, failures: failuresOf(inputs) };
  },

  async diff(_id, olds, news) {
    return { changes: differs(olds, news) };
  },

  async create(inputs, context) {
    const row = rowOf(inputs);
    const id = await insertDeployment(await context.warehouseUrl(), row);
    return { id: `deployment-${row.environment}`, outs: { ...row, deployment_id: id } };
  },

  async read(id, props, context) {
    const row = await readDeployment(await context.warehouseUrl(), String(props["deployment_id"]));
    if (row === undefined) {
      return { id: "", props: {}, inputs: {} };
    }
    return { id, props: { ...row, deployment_id: props["deployment_id"] ?? null }, inputs: { ...row } };
  },

  async update(_id, _olds, news, context) {
    const row = rowOf(news);
    return { outs: { ...row, deployment_id: await insertDeployment(await context.warehouseUrl(), row) } };
  },

  async delete(_id, _props, context) {
    context.log("the rows of meta.deployments stay", "info");
  },
};
