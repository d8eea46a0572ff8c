/** `policy.yaml`: what an environment makes of drift, and how it is deployed. Pure but for `loadPolicy`, which reads the file. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { schemaProblems } from "../compile/validate";
import { readYaml } from "../compile/yaml";
import { ConfigError, formatProblem } from "./errors";

const POLICY_FILE = "policy.yaml";

const apply = z.strictObject({
  mode: z
    .enum(["overwrite_git_wins", "strict_fail_on_drift"])
    .describe("overwrite_git_wins: Git's version is written over drift, which is reported. strict_fail_on_drift: drift stops the run before anything is written."),
  drift_gate: z.enum(["warn", "fail"]).optional().describe("Whether the gates of a deploy warn of drift or fail. Default: fail in a strict environment, warn elsewhere."),
  on_remove: z.enum(["delete", "retain"]).optional().describe("What happens in Superset when a template is removed. Default: delete."),
});

/** PostgreSQL interval text, e.g. `5s`. */
const duration = z.string().regex(/^\d+\s*(ms|s|min|h|d)?$/, "must be a duration, as '5s', '500ms' or '15min'");

const hook = z.strictObject({
  name: z.string().min(1).describe("Its name in the stack."),
  command: z.string().min(1).describe("A shell command, run in the repository after every apply that changed something."),
});

/** Schema of `policy.yaml`. */
export const policySchema = z.strictObject({
  default_env: z.string().min(1).optional().describe("Environment of a command that names none. Default: dev."),
  db: z
    .strictObject({
      mode: z.enum(["migrations_and_seed", "migrations", "none"]).describe("What is run: migrations and then every seed whose text changed, migrations alone, or nothing."),
      migrations_dir: z.string().optional().describe("Folder of the migrations. Default: db/migrations."),
      seed_dir: z.string().optional().describe("Folder of the seeds. Default: db/seed."),
      allow_out_of_order: z.boolean().optional().describe("Take a migration whose version is below one that is applied. Default: false."),
      lock_timeout: duration.optional().describe("A migration that waits longer for a lock gives up, and nothing of it stays: 5s."),
      statement_timeout: duration.optional().describe("Longest time one statement may take: 15min."),
      ignore_drift: z.array(z.string()).optional().describe("Objects other tools make in the warehouse, as staging.*: no drift of the schema."),
    })
    .optional()
    .describe("The warehouse's schema."),
  apply: z.record(z.string(), apply).optional().describe("By environment: what becomes of drift, which is what somebody changed in Superset's UI since the last apply."),
  export: z.strictObject({ format: z.literal("superset_cli_yaml").describe("Superset's own export layout.") }).optional().describe("What bundles and exports are."),
  promote: z
    .strictObject({
      chain: z
        .array(z.string().min(1))
        .min(1)
        .refine((names) => new Set(names).size === names.length, "names an environment twice")
        .describe("The environments that a commit goes through, in this order. Default: those of apply, as they are written."),
    })
    .optional()
    .describe("How a commit goes from one environment to the next."),
  deploy: z
    .strictObject({
      mode: z.literal("script_with_retry").optional().describe("Each step is tried again after a failure that may pass."),
      steps: z.array(z.enum(["db_sync", "apply_assets", "drift_check", "docs"])).optional().describe("Which parts of a deploy are done; their order is always this one. Default: db_sync, apply_assets, drift_check. Without drift_check nothing looks for drift but the apply itself; docs writes what hybrid docs writes."),
      attempts: z.number().int().min(1).max(10).optional().describe("Attempts of a step whose failure may pass. Default: 3."),
      backoff_seconds: z.number().positive().optional().describe("Pause before the second attempt; doubles after that, up to five minutes. Default: 2."),
      hooks: z.array(hook).optional().describe("Commands to run, through @pulumi/command, after the deployment record is written."),
    })
    .optional()
    .describe("How an environment is deployed."),
});

type PolicyFile = z.infer<typeof policySchema>;
type ApplyPolicy = z.infer<typeof apply>;

/** The policy of one environment, with every default filled in. */
export interface Policy {
  readonly mode: ApplyPolicy["mode"];
  readonly driftGate: "warn" | "fail";
  readonly onRemove: "delete" | "retain";
  readonly file: PolicyFile;
}

/** Environment variable that overrides the apply mode for one run: one of the two ways out of a refused run. */
export const MODE_VARIABLE = "HYBRID_APPLY_MODE";

/**
 * The policy of `environment` from `<root>/policy.yaml`. Without the file: `overwrite_git_wins`. With a file that does not name the
 * environment: an error, because the stricter choice would surprise as much as the laxer one.
 * @throws ConfigError naming file and field
 */
export function loadPolicy(root: string, environment: string, env: NodeJS.ProcessEnv = process.env): Policy {
  const file = readPolicyFile(root);
  const chosen = file.apply === undefined ? { mode: "overwrite_git_wins" as const } : file.apply[environment];
  if (chosen === undefined) {
    const named = Object.keys(file.apply ?? {}).join(", ");
    throw new ConfigError(`policy.yaml: apply has no entry for environment '${environment}' (it has ${named}); add apply.${environment} with mode and drift_gate`);
  }
  const overridden = overriddenMode(env);
  const mode = overridden ?? chosen.mode;
  return {
    mode,
    // Whoever has a run write Git's version over drift has decided about the gate as well.
    driftGate: (overridden === undefined ? chosen.drift_gate : undefined) ?? (mode === "strict_fail_on_drift" ? "fail" : "warn"),
    onRemove: chosen.on_remove ?? "delete",
    file,
  };
}

/** The environments that a commit is promoted through. @throws ConfigError where policy.yaml names none, or cannot be read */
export function promotionChain(root: string): readonly string[] {
  const { promote, apply = {} } = readPolicyFile(root);
  const chain = promote?.chain ?? Object.keys(apply);
  if (chain.length === 0) {
    throw new ConfigError("no environments to promote through: write promote.chain in policy.yaml, as [dev, staging, prod], or name them with --chain");
  }
  return chain;
}

/** The environment of a command that names none: HYBRID_ENV, else `default_env` of policy.yaml, else dev. @throws ConfigError for a policy.yaml that cannot be read */
export function defaultEnvironment(root: string, env: NodeJS.ProcessEnv = process.env): string {
  return env["HYBRID_ENV"] || (readPolicyFile(root).default_env ?? "dev");
}

function overriddenMode(env: NodeJS.ProcessEnv): ApplyPolicy["mode"] | undefined {
  const value = env[MODE_VARIABLE];
  if (value === undefined || value === "") {
    return undefined;
  }
  const mode = apply.shape.mode.safeParse(value);
  if (!mode.success) {
    throw new ConfigError(`${MODE_VARIABLE}=${value}: not an apply mode; write overwrite_git_wins or strict_fail_on_drift`);
  }
  return mode.data;
}

function readPolicyFile(root: string): PolicyFile {
  let text: string;
  try {
    text = readFileSync(join(root, POLICY_FILE), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      return {};
    }
    throw new ConfigError(`policy.yaml cannot be read: ${(error as Error).message}`, { cause: error });
  }
  const yaml = readYaml(text, { lenient: true });
  if (yaml.problems.length > 0 && yaml.empty !== true) {
    throw new ConfigError(yaml.problems.map((problem) => formatProblem({ file: POLICY_FILE, ...problem })).join("\n"));
  }
  const data = yaml.value ?? {};
  const problems = schemaProblems(policySchema, data);
  if (problems.length > 0) {
    const located = problems.map(({ path, key, message }) => formatProblem({ file: POLICY_FILE, ...yaml.position(path, key), message }));
    throw new ConfigError(located.join("\n"));
  }
  return policySchema.parse(data);
}
