/** Issues of a repository on GitHub, and the comments and labels of issues and pull requests. What is ours is known by a hidden marker. */
import type { GitHub } from "./github";

/** An issue. */
export interface Issue {
  readonly number: number;
  /** Page. */
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly state: "open" | "closed";
}

interface Answer {
  readonly number: number;
  readonly html_url: string;
  readonly title: string;
  readonly body?: string | null;
  readonly state: string;
}

function issueOf({ number, html_url, title, body, state }: Answer): Issue {
  return { number, url: html_url, title, body: body ?? "", state: state === "open" ? "open" : "closed" };
}

/** The first line of a text of ours, which GitHub does not show: by it a later run finds the text again. */
export function marker(id: string): string {
  return `<!-- hybrid: ${id} -->`;
}

function marked(id: string, body: string): string {
  return `${marker(id)}\n${body}`;
}

/** Whether the text begins with the marker of `id`. */
function isMarked(id: string, text: string): boolean {
  // Somebody who quotes the text has it further down.
  return text.startsWith(marker(id));
}

/** What became of a text: where it is, and whether anything was written. */
export interface Written {
  readonly url: string;
  readonly change: "created" | "updated" | "none";
}

/** The one comment of that id on an issue or pull request: written, or replaced where it differs. */
export async function writeComment(github: GitHub, number: number, id: string, text: string): Promise<Written> {
  const body = marked(id, text);
  return github.call(`writing the comment on #${number}`, async (octokit, repository) => {
    const comments = await octokit.paginate(octokit.rest.issues.listComments, { ...repository, issue_number: number, per_page: 100 });
    const mine = comments.find((comment) => isMarked(id, comment.body ?? ""));
    if (mine === undefined) {
      const { data } = await octokit.rest.issues.createComment({ ...repository, issue_number: number, body });
      return { url: data.html_url, change: "created" };
    }
    // GitHub gives line ends back as they were sent by others, and without spaces at the end.
    if (sameText(mine.body ?? "", body)) {
      return { url: mine.html_url, change: "none" };
    }
    const { data } = await octokit.rest.issues.updateComment({ ...repository, comment_id: mine.id, body });
    return { url: data.html_url, change: "updated" };
  });
}

/** Whether two texts are the same to who reads them. */
export function sameText(left: string, right: string): boolean {
  const plain = (text: string): string => text.replace(/\r\n/g, "\n").trimEnd();
  return plain(left) === plain(right);
}

/** Adds labels to an issue or pull request; those it has stay. Labels that the repository has not are made by GitHub. */
export async function addLabels(github: GitHub, number: number, labels: readonly string[]): Promise<void> {
  if (labels.length > 0) {
    await github.call(`labelling #${number}`, (octokit, repository) => octokit.rest.issues.addLabels({ ...repository, issue_number: number, labels: [...labels] }));
  }
}

/** The open issue of that id, undefined where there is none. @param label only issues with it are looked through */
export async function findIssue(github: GitHub, id: string, label?: string): Promise<Issue | undefined> {
  return github.call("looking for the issue", async (octokit, repository) => {
    const pages = octokit.paginate.iterator(octokit.rest.issues.listForRepo, { ...repository, state: "open", per_page: 100, ...(label === undefined ? {} : { labels: label }) });
    for await (const { data } of pages) {
      // GitHub counts pull requests among the issues.
      const mine = data.find((issue) => issue.pull_request === undefined && isMarked(id, issue.body ?? ""));
      if (mine !== undefined) {
        return issueOf(mine);
      }
    }
    return undefined;
  });
}

/** What an issue shall say. */
export interface IssueText {
  readonly id: string;
  readonly title: string;
  readonly body: string;
  /** Looked for by it, and made with it. */
  readonly label?: string;
}

/** The one open issue of that id: opened, or brought up to date where it differs. */
export async function writeIssue(github: GitHub, { id, title, body, label }: IssueText): Promise<Written> {
  const text = marked(id, body);
  const open = await findIssue(github, id, label);
  if (open !== undefined && open.title === title && sameText(open.body, text)) {
    return { url: open.url, change: "none" };
  }
  return github.call(open === undefined ? "opening the issue" : `updating issue #${open.number}`, async (octokit, repository) => {
    if (open === undefined) {
      const { data } = await octokit.rest.issues.create({ ...repository, title, body: text, ...(label === undefined ? {} : { labels: [label] }) });
      return { url: data.html_url, change: "created" };
    }
    const { data } = await octokit.rest.issues.update({ ...repository, issue_number: open.number, title, body: text });
    return { url: data.html_url, change: "updated" };
  });
}

/** Closes the open issue of that id, with a comment that says why; undefined where there is none. */
export async function closeIssue(github: GitHub, id: string, why: string, label?: string): Promise<Issue | undefined> {
  const open = await findIssue(github, id, label);
  if (open === undefined) {
    return undefined;
  }
  return github.call(`closing issue #${open.number}`, async (octokit, repository) => {
    await octokit.rest.issues.createComment({ ...repository, issue_number: open.number, body: why });
    const { data } = await octokit.rest.issues.update({ ...repository, issue_number: open.number, state: "closed", state_reason: "completed" });
    return issueOf(data);
  });
}
