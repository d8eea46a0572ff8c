/** The Git repository of a new project. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { UserError } from "../../provider/errors";
import { runGit } from "../git/run";

/** `made`: a new one; `inside`: the folder is in one that was there; `top`: it is that one's top folder; else why there is none. */
export type GitState = { readonly state: "made" | "inside" | "top" } | { readonly state: "none"; readonly why: string };

/** Makes a Git repository of the folder where it is in none. Nothing is committed: a commit has an author, and this is no one's yet. */
export async function beginGit(folder: string): Promise<GitState> {
  for (let above = folder; ; above = dirname(above)) {
    if (existsSync(join(above, ".git"))) {
      return { state: above === folder ? "top" : "inside" };
    }
    if (above === dirname(above)) {
      break;
    }
  }
  try {
    // The branch that the workflows deploy.
    await runGit(["init", "--quiet", "--initial-branch=main"], { cwd: folder });
    return { state: "made" };
  } catch (error) {
    if (error instanceof UserError) {
      return { state: "none", why: error.message };
    }
    throw error;
  }
}
