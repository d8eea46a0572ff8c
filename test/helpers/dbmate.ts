/** The real dbmate, from its npm package. */
import { execFile } from "node:child_process";
import { join } from "node:path";

/** Runs `dbmate …` in a repository against a database; resolves with what it prints, rejects where it fails. */
export function dbmate(root: string, url: string, ...args: readonly string[]): Promise<string> {
  const binary = join(__dirname, `../../node_modules/@dbmate/${process.platform}-${process.arch}/bin/dbmate`);
  return new Promise((resolve, reject) => {
    execFile(binary, ["--no-dump-schema", ...args], { cwd: root, env: { ...process.env, DATABASE_URL: `${url}?sslmode=disable` } }, (error, stdout, stderr) => (error === null ? resolve(stdout + stderr) : reject(new Error(stdout + stderr))));
  });
}
