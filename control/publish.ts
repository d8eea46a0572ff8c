/** What a job tells people on GitHub: the comment of a pull request, the issue. One of each id, brought up to date by every run. */
import { ConfigError } from "../provider/errors";
import { GitHub, tokenOf } from "./forge/github";
import { closeIssue, writeComment, writeIssue, type Issue, type IssueText, type Written } from "./forge/issues";
import { placeOf } from "./forge/place";
import { chooseRemote, openRepository } from "./git/repository";

/** GitHub refuses bodies of more than 65,536 characters; a marker and the line that says what is missing are needed besides. */
const LIMIT = 65_000;

/** The GitHub repository that a checkout belongs to. */
export interface PublishTarget {
  /** A folder of the checkout. */
  readonly root: string;
  /** `owner/name`. Default: the remote's. */
  readonly repository?: string | undefined;
  /** Default: as git's own commands choose it. */
  readonly remote?: string | undefined;
  /** Lines about waiting for GitHub. */
  readonly log: (message: string) => void;
}

/** Writes the comment of that id on a pull request or issue. @throws ConfigError where there is no GitHub, or no token; what `GitHub` throws */
export async function publishComment(target: PublishTarget, number: number, id: string, text: string): Promise<Written> {
  return writeComment(await open(target, "comments"), number, id, fitting(text));
}

/** Opens the issue of that id, or brings it up to date. @throws as `publishComment` */
export async function publishIssue(target: PublishTarget, issue: IssueText): Promise<Written> {
  return writeIssue(await open(target, "issues"), { ...issue, body: fitting(issue.body) });
}

/** Closes the issue of that id, with a comment; undefined where none is open. @throws as `publishComment` */
export async function closePublished(target: PublishTarget, id: string, why: string, label?: string): Promise<Issue | undefined> {
  return closeIssue(await open(target, "issues"), id, why, label);
}

async function open({ root, repository, remote, log }: PublishTarget, what: string): Promise<GitHub> {
  const url = repository === undefined ? (await chooseRemote(await openRepository(root), remote)).url : "";
  const { github, label } = placeOf(url, repository);
  if (github === undefined) {
    throw new ConfigError(`${what} are written on GitHub only, and this repository is at ${label}: put the text where it belongs by other means, or name the repository on GitHub with --repository owner/name`);
  }
  return new GitHub({ place: github, token: tokenOf(github), log });
}

/** The text as far as GitHub takes it, in whole lines. */
function fitting(text: string): string {
  if (text.trim() === "") {
    throw new ConfigError("there is no text to write: it comes from standard input, or from the file that --file names");
  }
  if (text.length <= LIMIT) {
    return text;
  }
  const cut = text.slice(0, text.lastIndexOf("\n", LIMIT) + 1 || LIMIT);
  // A code block that the cut left open would swallow the line.
  const fences = cut.match(/^(?:`{3,}|~{3,})/gm) ?? [];
  const closed = fences.length % 2 === 0 ? "" : `${fences.at(-1) ?? ""}\n`;
  return `${cut}${closed}\n… and ${text.length - cut.length} more characters, which do not fit here: the log of the run has them.\n`;
}
