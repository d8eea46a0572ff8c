/** Pull requests of a repository on GitHub. */
import { ForgeError, type GitHub } from "./github";

/** A pull request. */
export interface PullRequest {
  readonly number: number;
  /** Page. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
  readonly merged: boolean;
  /** The branch's commit: now, or when it was closed. */
  readonly head: string;
  /** Branch it is to be merged into. */
  readonly base: string;
}

interface Answer {
  readonly number: number;
  readonly html_url: string;
  readonly title: string;
  readonly body: string | null;
  readonly state: string;
  readonly merged_at: string | null;
  readonly head: { readonly sha: string };
  readonly base: { readonly ref: string };
}

function pullOf({ number, html_url, title, body, state, merged_at, head, base }: Answer): PullRequest {
  return { number, url: html_url, title, body: body ?? "", state: state === "open" ? "open" : "closed", merged: merged_at !== null, head: head.sha, base: base.ref };
}

/** Pull requests of a branch of this repository, open and closed: the open one first, then the newest. */
export async function pullsOfBranch(github: GitHub, branch: string): Promise<PullRequest[]> {
  const found = await github.call(`looking for the pull request of ${branch}`, async (octokit, repository) => {
    const head = `${repository.owner}:${branch}`;
    const { data } = await octokit.rest.pulls.list({ ...repository, head, state: "all", sort: "created", direction: "desc", per_page: 30 });
    return data.map((pull) => pullOf({ ...pull, merged_at: pull.merged_at ?? null }));
  });
  return found.sort((left, right) => Number(right.state === "open") - Number(left.state === "open") || right.number - left.number);
}

/** What a pull request is opened with. */
export interface NewPullRequest {
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  readonly body: string;
  readonly draft?: boolean;
}

/** Opens a pull request; where another run has just opened one of the same branch, gives that. */
export async function openPull(github: GitHub, { branch, base, title, body, draft = false }: NewPullRequest): Promise<{ readonly pull: PullRequest; readonly created: boolean }> {
  try {
    const pull = await github.call("opening the pull request", async (octokit, repository) => {
      const { data } = await octokit.rest.pulls.create({ ...repository, head: branch, base, title, body, draft });
      return pullOf({ ...data, merged_at: data.merged_at ?? null });
    });
    return { pull, created: true };
  } catch (error) {
    // GitHub tells this as any other invalid value; whether it is so shows by looking.
    const [other] = error instanceof ForgeError && error.status === 422 ? await pullsOfBranch(github, branch) : [];
    if (other?.state !== "open") {
      throw error;
    }
    return { pull: other, created: false };
  }
}

/** Changes a pull request. */
export async function updatePull(github: GitHub, number: number, change: { readonly title?: string; readonly body?: string; readonly base?: string; readonly state?: "open" | "closed" }): Promise<PullRequest> {
  return github.call(`updating pull request #${number}`, async (octokit, repository) => {
    const { data } = await octokit.rest.pulls.update({ ...repository, pull_number: number, ...change });
    return pullOf({ ...data, merged_at: data.merged_at ?? null });
  });
}
