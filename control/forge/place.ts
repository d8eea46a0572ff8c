/** What a remote's address says of where the repository is hosted, and the links there. Pure. */
import { redactUrls } from "../git/failure";

/** A repository on GitHub or a GitHub Enterprise server. */
export interface GitHubPlace {
  readonly owner: string;
  readonly name: string;
  /** Root of the REST API, without a slash at the end. */
  readonly api: string;
  /** Address of its page. */
  readonly page: string;
}

/** Where a repository is hosted. */
export interface Place {
  /** Undefined where it is no GitHub. */
  readonly github: GitHubPlace | undefined;
  /** For people: `github.com/shop/bi`. Holds no credentials. */
  readonly label: string;
  /** Page on which a request to merge `branch` into `base` is opened; undefined for hosts without a known one. */
  compare(base: string, branch: string): string | undefined;
}

/** An address in its parts; `host` is undefined for a folder. */
interface Address {
  readonly host: string | undefined;
  /** With the port of an http address. */
  readonly authority: string | undefined;
  /** `shop/bi`: without `.git` and slashes around it. */
  readonly path: string;
}

/** What git takes for an address: a URL, `[user@]host:path`, or a folder. */
function addressOf(url: string): Address {
  const trimmed = (path: string): string => path.replace(/^\/+|\/+$/g, "").replace(/\.git$/, "");
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) {
    const { protocol, hostname, host, pathname } = new URL(url);
    return { host: hostname === "" ? undefined : hostname.toLowerCase(), authority: protocol.startsWith("http") ? host : hostname, path: trimmed(decodeURI(pathname)) };
  }
  const [, host, path] = /^(?:[^@/\s]+@)?([^:/\s]{2,}):(?!\/\/)(.+)$/.exec(url) ?? [];
  return host === undefined || path === undefined ? { host: undefined, authority: undefined, path: trimmed(url) } : { host: host.toLowerCase(), authority: host.toLowerCase(), path: trimmed(path) };
}

type Link = (page: string, base: string, branch: string) => string;

const inPath = (branch: string): string => branch.split("/").map(encodeURIComponent).join("/");
const inQuery = encodeURIComponent;
const COMPARE_GITHUB: Link = (page, base, branch) => `${page}/compare/${inPath(base)}...${inPath(branch)}?expand=1`;

/** Hosts that are no GitHub, with their pages for a new merge request. */
const HOSTS: readonly { readonly host: RegExp; readonly page?: (address: Address) => string; readonly compare: Link }[] = [
  {
    host: /(^|\.)gitlab\./,
    compare: (page, base, branch) => `${page}/-/merge_requests/new?merge_request%5Bsource_branch%5D=${inQuery(branch)}&merge_request%5Btarget_branch%5D=${inQuery(base)}`,
  },
  { host: /^bitbucket\.org$/, compare: (page, base, branch) => `${page}/pull-requests/new?source=${inQuery(branch)}&dest=${inQuery(base)}` },
  {
    host: /(^|\.)(dev\.azure\.com)$/,
    // Over ssh the path is `v3/<organisation>/<project>/<repository>`.
    page: ({ path }) => `https://dev.azure.com/${/^v3\//.test(path) ? path.replace(/^v3\/(.+)\/([^/]+)$/, "$1/_git/$2") : path}`,
    compare: (page, base, branch) => `${page}/pullrequestcreate?sourceRef=${inQuery(branch)}&targetRef=${inQuery(base)}`,
  },
  { host: /^codeberg\.org$|(^|\.)(gitea|forgejo)\./, compare: (page, base, branch) => `${page}/compare/${inPath(base)}...${inPath(branch)}` },
];

/**
 * @param url the remote's address, as git has it
 * @param github `owner/name`, where the address does not tell: an ssh alias, a mirror
 * @param env GITHUB_SERVER_URL and GITHUB_API_URL name a server of one's own, as in GitHub Actions; GH_HOST its host, as for `gh`. A remote that is a
 *   folder is taken for GITHUB_REPOSITORY
 */
export function placeOf(url: string, github?: string, env: NodeJS.ProcessEnv = process.env): Place {
  const address = addressOf(url);
  const { host, authority, path } = address;
  const server = serverOf(env);
  const named = github ?? (host === undefined ? env["GITHUB_REPOSITORY"] : undefined);
  if (named !== undefined && named !== "") {
    return onGitHub(named, server.page, server.api);
  }
  if (host === undefined) {
    return { github: undefined, label: redactUrls(url), compare: () => undefined };
  }
  if (host === server.host) {
    return onGitHub(path, server.page, server.api);
  }
  if (host === "ssh.github.com" || /(^|\.)(github\.[^.]+(\..+)?|ghe\.com)$/.test(host)) {
    return onGitHub(path, `https://${host === "ssh.github.com" ? "github.com" : (authority ?? host)}`, apiOf(host));
  }
  const known = HOSTS.find((one) => one.host.test(host));
  const page = known?.page?.(address) ?? `https://${authority ?? host}/${path}`;
  return { github: undefined, label: `${host}/${path}`, compare: (base, branch) => known?.compare(page, base, branch) };
}

/** The GitHub that the environment names; github.com where it names none. */
function serverOf(env: NodeJS.ProcessEnv): { readonly host: string; readonly page: string; readonly api: string } {
  const page = (env["GITHUB_SERVER_URL"] || (env["GH_HOST"] ? `https://${env["GH_HOST"]}` : "https://github.com")).replace(/\/+$/, "");
  const { hostname } = new URL(page);
  return { host: hostname, page, api: (env["GITHUB_API_URL"] || apiOf(hostname)).replace(/\/+$/, "") };
}

function apiOf(host: string): string {
  if (host === "github.com" || host === "ssh.github.com") {
    return "https://api.github.com";
  }
  return host.endsWith(".ghe.com") ? `https://api.${host}` : `https://${host}/api/v3`;
}

function onGitHub(path: string, server: string, api: string): Place {
  const [owner = "", name = ""] = path.split("/");
  const page = `${server}/${owner}/${name}`;
  return { github: { owner, name, api, page }, label: page.replace(/^https?:\/\//, ""), compare: (base, branch) => COMPARE_GITHUB(page, base, branch) };
}
