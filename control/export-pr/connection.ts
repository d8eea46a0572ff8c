/** Where an export goes: the repository, its remote, the place that hosts it. Everything that can be wrong with these is told before Superset is asked. */
import { environmentNames } from "../../compile";
import type { Progress } from "../../local/progress";
import { ConfigError } from "../../provider/errors";
import { GitHub, tokenOf } from "../forge/github";
import { placeOf, type Place } from "../forge/place";
import type { Patience } from "../forge/waiting";
import { checkBranchName, chooseRemote, defaultIdentity, openRepository, parseIdentity, type Identity, type Remote, type Repository } from "../git/repository";
import { defaultBranch } from "./branch";

/** What an export is asked for. */
export interface ExportOptions {
  /** Absolute path of the folder with Pulumi.yaml. */
  readonly root: string;
  readonly environment: string;
  /** Default: as git's own commands choose it. */
  readonly remote?: string | undefined;
  /** Branch that the edits are to be merged into. Default: the remote's default branch. */
  readonly base?: string | undefined;
  /** Branch that is pushed. Default: `hybrid/ui-<environment>`, with `dashboard` after it where only that is exported. */
  readonly branch?: string | undefined;
  /** `Name <email>` of the commits. Default: as git has it. */
  readonly author?: string | undefined;
  /** `owner/name` on GitHub. Default: what the remote's address says. */
  readonly repository?: string | undefined;
  /** Only this page (slug or uuid) and what it needs. */
  readonly dashboard?: string | undefined;
  /** Also assets that Git does not know. Default: only those that an edited one needs. */
  readonly unmanaged?: boolean;
  /** Labels of a new pull request. */
  readonly labels?: readonly string[];
  /** A new pull request is a draft. */
  readonly draft?: boolean;
  /** `false`: push the branch, and nothing more. Default: true. */
  readonly pullRequest?: boolean;
  /** Push nothing, ask GitHub nothing, only say what would be. */
  readonly dryRun?: boolean;
  /** Lines for people, without secrets. */
  readonly log: (message: string) => void;
  readonly progress: Progress;
  /** How long GitHub is waited for. */
  readonly patience?: Partial<Patience>;
}

/** The two ends of an export. */
export interface Connection {
  readonly repository: Repository;
  readonly remote: Remote;
  readonly place: Place;
  /** Undefined where there is no API to open a pull request with, or none is wanted. */
  readonly github: GitHub | undefined;
  readonly branch: string;
  readonly author: Identity;
}

/** @throws ConfigError for an unknown environment, remote or branch name, and where GitHub's token is missing */
export async function connect(options: ExportOptions): Promise<Connection> {
  const { root, environment, author } = options;
  checkEnvironment(root, environment);
  const repository = await openRepository(root);
  const remote = await chooseRemote(repository, options.remote);
  const branch = options.branch ?? defaultBranch(environment, options.dashboard);
  await checkBranchName(repository, branch);
  const place = hostOf(remote, options.repository);
  const wantsPull = options.pullRequest !== false && options.dryRun !== true;
  const github = place.github === undefined || !wantsPull ? undefined : new GitHub({ place: place.github, token: tokenOf(place.github), log: options.log, patience: options.patience ?? {} });
  return { repository, remote, place, github, branch, author: author === undefined ? await defaultIdentity(repository) : parseIdentity(author) };
}

/** An address that git rewrites (`insteadOf`) may name a mirror in the one form, or an alias in the other. */
function hostOf({ pushUrl, written }: Remote, repository: string | undefined): Place {
  const place = placeOf(pushUrl, repository);
  const alternative = placeOf(written, repository);
  return isKnown(place) || !isKnown(alternative) ? place : alternative;
}

function isKnown({ github, compare }: Place): boolean {
  return github !== undefined || compare("a", "b") !== undefined;
}

function checkEnvironment(root: string, environment: string): void {
  const names = environmentNames(root);
  if (!names.includes(environment)) {
    throw new ConfigError(`no environment '${environment}' in ${root}: ${names.length === 0 ? "there is no Pulumi.<env>.yaml" : `there are ${names.join(", ")} (Pulumi.<env>.yaml)`}`);
  }
}
