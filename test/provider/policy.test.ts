import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadPolicy, MODE_VARIABLE, promotionChain } from "../../provider/policy";

function rootWith(text?: string): string {
  const root = mkdtempSync(join(tmpdir(), "policy-"));
  if (text !== undefined) {
    writeFileSync(join(root, "policy.yaml"), text);
  }
  return root;
}

const both = "apply:\n  dev: {mode: overwrite_git_wins, drift_gate: warn}\n  prod: {mode: strict_fail_on_drift, drift_gate: fail, on_remove: retain}\n";

test("each environment has its own mode", () => {
  const root = rootWith(both);
  expect(loadPolicy(root, "dev", {})).toMatchObject({ mode: "overwrite_git_wins", driftGate: "warn", onRemove: "delete" });
  expect(loadPolicy(root, "prod", {})).toMatchObject({ mode: "strict_fail_on_drift", driftGate: "fail", onRemove: "retain" });
});

test("without a file, Git wins", () => {
  expect(loadPolicy(rootWith(), "dev", {})).toMatchObject({ mode: "overwrite_git_wins", driftGate: "warn" });
});

test("an environment the file does not name is an error that says what to add", () => {
  expect(() => loadPolicy(rootWith(both), "qa", {})).toThrow(
    "policy.yaml: apply has no entry for environment 'qa' (it has dev, prod); add apply.qa with mode and drift_gate",
  );
});

test("the mode can be overridden for one run", () => {
  expect(loadPolicy(rootWith(both), "prod", { [MODE_VARIABLE]: "overwrite_git_wins" }).mode).toBe("overwrite_git_wins");
  expect(() => loadPolicy(rootWith(both), "prod", { [MODE_VARIABLE]: "yes" })).toThrow(
    "HYBRID_APPLY_MODE=yes: not an apply mode; write overwrite_git_wins or strict_fail_on_drift",
  );
});

test("with the mode, the gate is overridden as well", () => {
  expect(loadPolicy(rootWith(both), "prod", { [MODE_VARIABLE]: "overwrite_git_wins" }).driftGate).toBe("warn");
  expect(loadPolicy(rootWith(both), "dev", { [MODE_VARIABLE]: "strict_fail_on_drift" }).driftGate).toBe("fail");
});

test("a commit goes through the environments of promote.chain, else through those of apply", () => {
  expect(promotionChain(rootWith(both))).toEqual(["dev", "prod"]);
  expect(promotionChain(rootWith(`${both}promote: {chain: [prod, dev]}\n`))).toEqual(["prod", "dev"]);
  expect(() => promotionChain(rootWith())).toThrow("no environments to promote through: write promote.chain in policy.yaml, as [dev, staging, prod], or name them with --chain");
  expect(() => promotionChain(rootWith("promote: {chain: [dev, dev]}\n"))).toThrow("policy.yaml:1:11: 'promote.chain' names an environment twice");
});

test("all wrong fields are reported, by path", () => {
  const bad = rootWith("apply:\n  dev: {mode: force}\ndb: {mode: none, lock_timeout: soon}\ndeploy: {attempts: 0}\nfoo: 1\n");
  expect(() => loadPolicy(bad, "dev", {})).toThrow(
    [
      "policy.yaml:3:32: 'db.lock_timeout': must be a duration, as '5s', '500ms' or '15min'",
      "policy.yaml:2:15: 'apply.dev.mode' must be overwrite_git_wins or strict_fail_on_drift, not the text 'force'",
      "policy.yaml:4:20: 'deploy.attempts' must be at least 1, not the number 0",
      "policy.yaml:5:1: unknown field 'foo'; known are apply, db, default_env, deploy, export",
    ].join("\n"),
  );
});

test("a file that is no YAML is an error with its line, one of comments only is none", () => {
  expect(() => loadPolicy(rootWith("apply:\n  dev: {mode: overwrite_git_wins}\napply: {}\n"), "dev", {})).toThrow(
    "policy.yaml:3:1: this key is written twice in one mapping; remove one of them",
  );
  expect(loadPolicy(rootWith("# nothing yet\n"), "dev", {}).mode).toBe("overwrite_git_wins");
});
