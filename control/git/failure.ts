/** What git says when it fails, in words people can act on. */
import { UserError } from "../../provider/errors";

/** `git` failed. The message is what was done and git's own words, without credentials. */
export class GitError extends UserError {
  /**
   * @param doing `git fetch`, or what was to be done in words
   * @param said git's standard error, redacted
   * @param ended its exit code; undefined where it was ended
   * @param output its standard output
   */
  constructor(doing: string, readonly said: string, readonly ended?: number, readonly output = "", cause?: unknown) {
    super(`${doing} failed: ${said}`, { cause });
  }
}

/** Why a remote did not take a push. */
export type Rejection = "changed" | "refused" | "other";

/** The remote answered, and did not take the push. */
export class PushRejectedError extends GitError {
  /** @param reason `changed`: somebody else pushed to the branch meanwhile; `refused`: a hook or a protection of the remote said no */
  constructor(doing: string, said: string, readonly reason: Rejection) {
    super(doing, said);
  }
}

/** The text with the credentials in its http addresses masked: a user's name alone may be a token. */
export function redactUrls(text: string): string {
  return text.replace(/\b(https?:\/\/)[^\s/@]+@/gi, "$1***@");
}

/** Words of git and its helpers, and what to do. In the order they are looked for: a missing repository is often told as a refused login. */
const ADVICE: readonly { readonly words: RegExp; readonly advice: string }[] = [
  { words: /Could not resolve host|unable to look up|Temporary failure in name resolution|Name or service not known/i, advice: "the host is not known here: check the remote's address and the network" },
  { words: /Connection refused|Failed to connect|Connection timed out|Operation timed out|No route to host|Network is unreachable|no answer within|Connection reset|early EOF|The requested URL returned error: 5\d\d/i, advice: "the remote does not answer: check the network and try again" },
  { words: /could not read (Username|Password)|Authentication failed|terminal prompts disabled|Permission denied \(|Invalid username or|returned error: 40[13]|Host key verification failed|Permission to .* denied/i, advice: "git has no credentials that the remote takes: set up a credential helper or an ssh key (CI: let the checkout step keep its token), with the right to push" },
  { words: /Repository not found|does not appear to be a git repository|repository '.*' not found|returned error: 404|does not exist/i, advice: "there is no such repository, or these credentials may not see it: check the remote's address" },
  { words: /Read-only file system|insufficient permission|Permission denied|No space left/i, advice: "check the permissions and the space of the folder that git names" },
];

/** Says what was to be done and, for what is known to go wrong with remotes, what to do. */
export function remoteFailure(doing: string, error: unknown): unknown {
  if (!(error instanceof GitError) || error instanceof PushRejectedError) {
    return error;
  }
  const advice = ADVICE.find(({ words }) => words.test(error.said))?.advice;
  return new GitError(doing, advice === undefined ? error.said : `${error.said}\n${advice}`, error.ended, error.output, error);
}
