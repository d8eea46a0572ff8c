/** The repository's templates and migrations as resources of the selected stack. */
import { execFileSync } from "node:child_process";
import { userInfo } from "node:os";
import * as pulumi from "../provider/sdk";
import { compile, type Compiled, type CompiledAsset as CompiledTemplate } from "../compile";
import { loadEnvironment, secretValues, type Environment } from "../compile/environment";
import { revealSecrets } from "../provider/placeholders";
import { CompiledAsset, Deployment, Migrations, Workspace } from "../provider/asset";
import { formatProblem, isRefusedByTheSystem, refusalText, UserError } from "../provider/errors";
import { canonicalForms } from "../provider/forms";
import type { JsonObject } from "../provider/json";
import { migrationSettings } from "../provider/migration-settings";
import { loadPolicy, type Policy } from "../provider/policy";
import { failureIn, tellRun } from "../provider/run-log";
import { findRoot } from "../provider/settings";
import { declareHooks } from "./hooks";
import { declareWarehouse } from "./warehouse";

/** Declares everything of the repository around the working directory. What is wrong with it is told without a stack trace. */
export function main(): void {
  told(() => declareStack(findRoot(process.cwd())));
}

/** Errors for users go to the engine as their message alone. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const message = error instanceof UserError ? error.message : isRefusedByTheSystem(error) ? refusalText(error) : undefined;
    if (message === undefined) {
      throw error;
    }
    tellRun({ severity: "error", message, failure: failureIn(error) });
    throw new pulumi.RunError(message);
  }
}

/** Declares everything of the repository at `root` for the selected stack. */
export function declareStack(root: string): void {
  const environment = loadEnvironment(root, pulumi.getStack());
  const policy = loadPolicy(root, environment.name);
  const compiled = compile({ environment });
  for (const warning of compiled.warnings) {
    const message = formatProblem(warning);
    tellRun({ severity: "warn", message });
    void pulumi.log.warn(message);
  }
  const forms = canonicalForms(compiled.assets);
  const gate = declareGate(compiled, forms);
  const warehouse = declareWarehouse(environment.name, gate);
  const migrations = declareMigrations(policy, [gate, ...warehouse]);
  const before = [gate, ...warehouse, ...(migrations === undefined ? [] : [migrations])];
  const assets = declareAssets(environment, compiled, forms, before);
  const deployment = declareDeployment(root, compiled, policy, migrations, [...before, ...assets]);
  declareHooks(policy, compiled, migrations?.version ?? null, root, [...before, ...assets, ...(deployment === undefined ? [] : [deployment])]);
}

function declareGate(compiled: Compiled, forms: ReadonlyMap<string, JsonObject>): Workspace {
  const assets = Object.fromEntries(compiled.assets.map((asset) => [asset.uuid, [asset.kind, asset.source, forms.get(asset.uuid) ?? {}] as const]));
  return new Workspace(compiled.environment, { assets });
}

function declareMigrations(policy: Policy, dependsOn: pulumi.Resource[]): Migrations | undefined {
  const settings = migrationSettings(policy);
  if (settings === undefined) {
    return undefined;
  }
  const { ignoreDrift, ...others } = settings;
  return new Migrations("warehouse", { ...others, ...(ignoreDrift === undefined ? {} : { ignoreDrift: [...ignoreDrift] }) }, { dependsOn });
}

/**
 * The resource's name: the key where the template writes one, else its uuid where it writes that, else the file's path. So a file
 * with `key:` or `uuid:` may be renamed or moved, and stays the same resource.
 */
const resourceName = (asset: CompiledTemplate): string => (asset.explicitUuid && !asset.explicitKey ? asset.uuid : asset.key);

function declareAssets(environment: Environment, compiled: Compiled, forms: ReadonlyMap<string, JsonObject>, before: readonly pulumi.Resource[]): CompiledAsset[] {
  const vars: pulumi.Output<unknown> = new pulumi.Config("superset").getSecretObject<unknown>("vars") ?? pulumi.output(undefined);
  const declared = new Map<string, CompiledAsset>();
  for (const asset of compiled.assets) {
    const needs = asset.dependsOn.flatMap((uuid) => declared.get(uuid) ?? []);
    declared.set(
      asset.uuid,
      new CompiledAsset(asset.kind, resourceName(asset), { form: forms.get(asset.uuid) ?? {}, source: asset.source, secrets: secretsOf(environment, asset, vars) }, {
        dependsOn: needs.length === 0 ? [...before] : needs,
        ...(asset.options.protect ? { protect: true } : {}),
        ...(asset.options.retain ? { retainOnDelete: true } : {}),
      }),
    );
  }
  return [...declared.values()];
}

function secretsOf(environment: Environment, asset: CompiledTemplate, vars: pulumi.Output<unknown>): pulumi.Input<Record<string, string>> | undefined {
  if (Object.keys(asset.secrets).length === 0) {
    return undefined;
  }
  return vars.apply((values) =>
    told(() => {
      const value = secretValues(environment, { vars: values });
      return Object.fromEntries(Object.entries(asset.secrets).map(([name, text]) => [name, revealSecrets(text, value)]));
    }),
  );
}

function declareDeployment(root: string, compiled: Compiled, policy: Policy, migrations: Migrations | undefined, dependsOn: pulumi.Resource[]): Deployment | undefined {
  if (policy.file.db === undefined || policy.file.db.mode === "none") {
    return undefined;
  }
  return new Deployment(
    "deployment",
    {
      git_sha: gitSha(root),
      bundle_hash: compiled.hash,
      migration_version: migrations?.version ?? null,
      deployed_by: userName(),
    },
    { dependsOn },
  );
}

/** Who deploys; by number where the system has no name for the user, as in some containers. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return process.env["USER"] ?? `user ${process.getuid?.() ?? "unknown"}`;
  }
}

/** The commit that is deployed; `unknown` outside a Git checkout. */
function gitSha(root: string): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "unknown";
  }
}
