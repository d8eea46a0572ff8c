import { deployment } from "../../provider/deployment";
import type { ResourceContext } from "../../provider/resource";

const context = { root: "/", environment: "dev", warehouseUrl: () => "", log: () => undefined } satisfies ResourceContext;
const args = { git_sha: "a".repeat(40), bundle_hash: "b".repeat(64), migration_version: null, deployed_by: "me" };

test("the commit of a repository in SHA-256 format is recorded by its first 40 characters", async () => {
  const sha256 = "0123456789abcdef".repeat(4);
  const { inputs, failures } = await deployment.check({}, { ...args, git_sha: sha256 }, context);
  expect(failures).toEqual([]);
  expect(inputs).toEqual({ ...args, environment: "dev", git_sha: sha256.slice(0, 40) });
});

test("a commit in SHA-1 format, and 'unknown' outside of Git, are recorded whole; other texts that are too long are not", async () => {
  for (const git_sha of [args.git_sha, "unknown"]) {
    expect(await deployment.check({}, { ...args, git_sha }, context)).toMatchObject({ inputs: { git_sha }, failures: [] });
  }
  const { failures } = await deployment.check({}, { ...args, git_sha: "x".repeat(64) }, context);
  expect(failures).toEqual([{ property: "git_sha", reason: "'git_sha' has 64 characters; meta.deployments.git_sha takes 40" }]);
});
