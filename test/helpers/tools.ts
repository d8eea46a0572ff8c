/** Programs that only tests need and that no npm package of ours brings: got once, kept in the cache folder. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../../local/paths";

/** How a program is got, in an empty folder. */
export interface Tool {
  readonly name: string;
  readonly version: string;
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
}

/** `folder`: where it is. `missing`: why it cannot be had, for a test that says so and is skipped. */
export type Got = { readonly folder: string; readonly missing?: never } | { readonly folder?: never; readonly missing: string };

/** The folder the tool was installed into, now or before. `{folder}` in its command and environment is where to install it. */
export function getTool({ name, version, command: [program, ...args], env = {} }: Tool): Got {
  const cache = cacheFolder();
  const folder = join(cache, `test-${name}-${version}`);
  if (existsSync(folder)) {
    return { folder };
  }
  mkdirSync(cache, { recursive: true });
  const half = mkdtempSync(join(cache, `.test-${name}-`));
  const inFolder = (text: string): string => text.replaceAll("{folder}", half);
  const { status, error, stderr } = spawnSync(program, args.map(inFolder), {
    cwd: half,
    encoding: "utf8",
    timeout: 10 * 60_000,
    env: { ...process.env, ...Object.fromEntries(Object.entries(env).map(([key, value]) => [key, inFolder(value)])) },
  });
  if (status !== 0) {
    rmSync(half, { recursive: true, force: true });
    return { missing: `${[program, ...args].join(" ")}: ${error?.message ?? stderr.trim().split("\n").at(-1) ?? `status ${status}`}` };
  }
  try {
    renameSync(half, folder);
  } catch (problem) {
    // Another test file was faster.
    rmSync(half, { recursive: true, force: true });
    if (!existsSync(folder)) throw problem;
  }
  return { folder };
}
