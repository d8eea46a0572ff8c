/**
 * A stand-in for GitHub's REST API over real HTTP: repositories in memory, their branches in a real bare repository where one is given. Speaks the
 * shapes of docs.github.com/rest for what is used here, with GitHub's checks: a token, branches that exist, one open pull request per branch.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isObject, type Json, type JsonObject } from "../../provider/json";
import type { TestRepository } from "./git";

/** One request that was made. */
export interface ApiRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** What to answer instead, once or `times` times, to requests whose `METHOD path` fits. */
export interface Fault {
  readonly match: RegExp;
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: 1. */
  readonly times?: number;
  /** The request takes effect all the same. Default: false. */
  readonly done?: boolean;
}

/** An issue or pull request: GitHub counts them together. */
interface Item {
  readonly number: number;
  title: string;
  body: string | null;
  state: "open" | "closed";
  readonly labels: string[];
  readonly comments: Comment[];
  /** Of a pull request. */
  readonly pull?: { readonly branch: string; base: string; readonly draft: boolean; head: string; mergedAt: string | null };
}

interface Comment {
  readonly id: number;
  body: string;
}

interface Repository {
  readonly items: Item[];
  readonly remote: TestRepository | undefined;
}

/** Thrown by routes, sent as GitHub sends it. */
class Refusal extends Error {
  constructor(readonly status: number, message: string, readonly errors?: readonly JsonObject[]) {
    super(message);
  }
}

type Route = (request: ApiRequest, repository: Repository, parameters: readonly string[]) => { readonly status?: number; readonly body: Json } | readonly JsonObject[];

/** See the module's comment. */
export class GitHubStandIn {
  /** Every request, in order. */
  readonly requests: ApiRequest[] = [];
  /** Requests the limit still allows; each takes one. */
  remaining = 5000;
  readonly token = "ghp_of_the_test";
  readonly #repositories = new Map<string, Repository>();
  readonly #faults: Fault[] = [];
  #server: Server | undefined;
  #number = 0;
  #id = 1000;

  /** Starts on a free loopback port. */
  async start(): Promise<this> {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    const server = this.#server;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server !== undefined) {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    }
  }

  /** Root of the API. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo).port}`;
  }

  /** Variables that make `hybrid` use it for the repository. */
  env(repository: string): Readonly<Record<string, string>> {
    return { GITHUB_API_URL: this.url, GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: repository, GITHUB_TOKEN: this.token };
  }

  /** Makes `owner/name`. @param remote where its branches are */
  addRepository(name: string, remote?: TestRepository): void {
    this.#repositories.set(name, { items: [], remote });
  }

  /** Answers otherwise from now on. */
  fail(...faults: readonly Fault[]): void {
    this.#faults.push(...faults.flatMap((fault) => Array.from({ length: fault.times ?? 1 }, () => fault)));
  }

  /** `METHOD path` of what was asked since the last call. */
  takeRequests(): string[] {
    return this.requests.splice(0).map(({ method, path }) => `${method} ${path}`);
  }

  /** Pull requests of a repository as the API gives them, oldest first. */
  pulls(name: string): JsonObject[] {
    return this.#repository(name).items.filter(({ pull }) => pull !== undefined).map((item) => this.#pullJson(name, item));
  }

  /** Comments of an issue or pull request, oldest first. */
  comments(name: string, number: number): string[] {
    return this.#item(this.#repository(name), String(number)).comments.map(({ body }) => body);
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const url = new URL(message.url ?? "/", this.url);
    const text = Buffer.concat(chunks).toString("utf8");
    const request: ApiRequest = { method: message.method ?? "", path: decodeURIComponent(url.pathname), query: Object.fromEntries(url.searchParams), body: text === "" ? {} : (JSON.parse(text) as JsonObject) };
    this.requests.push(request);
    const index = this.#faults.findIndex(({ match }) => match.test(`${request.method} ${request.path}`));
    const [fault] = index < 0 ? [] : this.#faults.splice(index, 1);
    if (fault === undefined || fault.done === true) {
      const answer = this.#answer(request, message.headers.authorization);
      if (fault === undefined) {
        this.#send(response, answer.status, answer.body, answer.headers);
        return;
      }
    }
    this.#send(response, fault.status, refusalBody(fault.status, fault.message ?? "A fault of the test"), fault.headers);
  }

  #send(response: ServerResponse, status: number, body: Json, headers: Readonly<Record<string, string>> = {}): void {
    const limits = { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": String(this.remaining), "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600), "x-ratelimit-resource": "core" };
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...limits, ...headers });
    response.end(JSON.stringify(body));
  }

  #answer(request: ApiRequest, authorization: string | undefined): { readonly status: number; readonly body: Json; readonly headers?: Readonly<Record<string, string>> } {
    try {
      if (!new RegExp(`^(token|bearer) ${this.token}$`, "i").test(authorization ?? "")) throw new Refusal(401, "Bad credentials");
      if (this.remaining <= 0) throw new Refusal(403, "API rate limit exceeded for user ID 1.");
      this.remaining -= 1;
      const [, owner, name, rest] = /^\/repos\/([^/]+)\/([^/]+)(?:\/(.*))?$/.exec(request.path) ?? [];
      const repository = this.#repositories.get(`${owner}/${name}`);
      if (repository === undefined) throw new Refusal(404, "Not Found");
      for (const [method, pattern, route] of this.#routes(`${owner}/${name}`)) {
        const found = pattern.exec(rest ?? "");
        if (found !== null && method === request.method) {
          const answer = route(request, repository, found.slice(1));
          return "body" in answer ? { status: answer.status ?? 200, body: answer.body } : this.#page(request, answer);
        }
      }
      throw new Refusal(404, "Not Found");
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: refusalBody(error.status, error.message, error.errors) };
    }
  }

  /** One page of a list, with the links to the others. */
  #page({ path, query }: ApiRequest, all: readonly JsonObject[]): { readonly status: number; readonly body: Json; readonly headers: Readonly<Record<string, string>> } {
    const size = Number(query["per_page"] ?? 30);
    const page = Number(query["page"] ?? 1);
    const next = new URLSearchParams({ ...query, page: String(page + 1) });
    const headers = all.length > page * size ? { link: `<${this.url}${path}?${next.toString()}>; rel="next"` } : {};
    return { status: 200, body: all.slice((page - 1) * size, page * size), headers: headers as Readonly<Record<string, string>> };
  }

  #routes(name: string): readonly (readonly [method: string, path: RegExp, route: Route])[] {
    const issue = (item: Item): JsonObject => this.#issueJson(name, item);
    return [
      ["GET", /^$/, () => ({ body: { full_name: name, default_branch: "main" } })],
      ["GET", /^pulls$/, ({ query }, { items }) => this.#listPulls(name, items, query)],
      ["POST", /^pulls$/, ({ body }, repository) => ({ status: 201, body: this.#pullJson(name, this.#openPull(name, repository, body)) })],
      ["GET", /^pulls\/(\d+)$/, (_request, repository, [number]) => ({ body: this.#pullJson(name, this.#item(repository, number, true)) })],
      ["PATCH", /^pulls\/(\d+)$/, ({ body }, repository, [number]) => ({ body: this.#pullJson(name, change(this.#item(repository, number, true), body)) })],
      ["PUT", /^pulls\/(\d+)\/merge$/, ({ body }, repository, [number]) => ({ body: this.#merge(repository, this.#item(repository, number, true), body) })],
      ["GET", /^issues$/, ({ query }, { items }) => listIssues(items, query).map(issue)],
      ["POST", /^issues$/, ({ body }, repository) => ({ status: 201, body: issue(this.#add(repository, body)) })],
      ["GET", /^issues\/(\d+)$/, (_request, repository, [number]) => ({ body: issue(this.#item(repository, number)) })],
      ["PATCH", /^issues\/(\d+)$/, ({ body }, repository, [number]) => ({ body: issue(change(this.#item(repository, number), body)) })],
      ["GET", /^issues\/(\d+)\/comments$/, (_request, repository, [number]) => this.#item(repository, number).comments.map((comment) => commentJson(name, this.#item(repository, number), comment))],
      ["POST", /^issues\/(\d+)\/comments$/, ({ body }, repository, [number]) => {
        const item = this.#item(repository, number);
        const comment = { id: (this.#id += 1), body: String(body["body"]) };
        item.comments.push(comment);
        return { status: 201, body: commentJson(name, item, comment) };
      }],
      ["PATCH", /^issues\/comments\/(\d+)$/, ({ body }, { items }, [id]) => {
        const item = items.find(({ comments }) => comments.some((comment) => comment.id === Number(id)));
        const comment = item?.comments.find((one) => one.id === Number(id));
        if (item === undefined || comment === undefined) throw new Refusal(404, "Not Found");
        comment.body = String(body["body"]);
        return { body: commentJson(name, item, comment) };
      }],
      ["POST", /^issues\/(\d+)\/labels$/, ({ body }, repository, [number]) => {
        const item = this.#item(repository, number);
        const labels = Array.isArray(body["labels"]) ? body["labels"].map(String) : [];
        item.labels.push(...labels.filter((label) => !item.labels.includes(label)));
        return { body: item.labels.map((label) => ({ name: label })) };
      }],
    ];
  }

  #repository(name: string): Repository {
    const found = this.#repositories.get(name);
    if (found === undefined) throw new Error(`no repository ${name} in the test`);
    return found;
  }

  #item({ items }: Repository, number: string | undefined, pull = false): Item {
    const found = items.find((item) => item.number === Number(number));
    if (found === undefined || (pull && found.pull === undefined)) throw new Refusal(404, "Not Found");
    return found;
  }

  #add(repository: Repository, body: JsonObject, pull?: Item["pull"]): Item {
    const labels = Array.isArray(body["labels"]) ? body["labels"].map(String) : [];
    const item: Item = { number: (this.#number += 1), title: String(body["title"]), body: typeof body["body"] === "string" ? body["body"] : null, state: "open", labels, comments: [], ...(pull === undefined ? {} : { pull }) };
    repository.items.push(item);
    return item;
  }

  #openPull(name: string, repository: Repository, body: JsonObject): Item {
    const [owner = ""] = name.split("/");
    const branch = String(body["head"]).replace(/^[^:]+:/, "");
    const base = String(body["base"]);
    const invalid = (field: string): Refusal => new Refusal(422, "Validation Failed", [{ resource: "PullRequest", field, code: "invalid" }]);
    const custom = (message: string): Refusal => new Refusal(422, "Validation Failed", [{ resource: "PullRequest", code: "custom", message }]);
    const head = tipOf(repository, branch);
    const target = tipOf(repository, base);
    if (head === undefined) throw invalid("head");
    if (target === undefined) throw invalid("base");
    if (repository.items.some(({ state, pull }) => state === "open" && pull?.branch === branch && pull.base === base)) throw custom(`A pull request already exists for ${owner}:${branch}.`);
    if (repository.remote?.git("rev-list", "--count", `${target}..${head}`) === "0") throw custom(`No commits between ${base} and ${branch}`);
    return this.#add(repository, body, { branch, base, draft: body["draft"] === true, head, mergedAt: null });
  }

  #listPulls(name: string, items: readonly Item[], { state = "open", head, base, direction = "desc" }: Readonly<Record<string, string>>): JsonObject[] {
    const branch = head?.replace(/^[^:]+:/, "");
    items.forEach((item) => this.#closeWithoutBranch(name, item));
    const found = items.filter(({ state: is, pull }) => pull !== undefined && (state === "all" || is === state) && (branch === undefined || pull.branch === branch) && (base === undefined || pull.base === base));
    return (direction === "desc" ? found.reverse() : found).map((item) => this.#pullJson(name, item));
  }

  /** Whoever deletes a branch closes its pull request. */
  #closeWithoutBranch(name: string, item: Item): void {
    if (item.pull !== undefined && item.state === "open" && tipOf(this.#repository(name), item.pull.branch) === undefined) item.state = "closed";
  }

  /** As the button does it: a merge commit, or (`squash`) one commit with all changes; then the request is closed. */
  #merge(repository: Repository, item: Item, { merge_method: method = "merge" }: JsonObject): JsonObject {
    const { remote } = repository;
    const { pull } = item;
    if (remote === undefined || pull === undefined || item.state === "closed") throw new Refusal(405, "Pull Request is not mergeable");
    const [base, head] = [tipOf(repository, pull.base) ?? "", tipOf(repository, pull.branch) ?? ""];
    let tree: string;
    try {
      tree = remote.git("merge-tree", "--write-tree", base, head);
    } catch {
      throw new Refusal(405, "Pull Request is not mergeable");
    }
    const sha = remote.git("commit-tree", tree, "-p", base, ...(method === "squash" ? [] : ["-p", head]), "-m", `${item.title} (#${item.number})`);
    remote.git("update-ref", `refs/heads/${pull.base}`, sha, base);
    Object.assign(pull, { head, mergedAt: new Date().toISOString() });
    item.state = "closed";
    return { sha, merged: true, message: "Pull Request successfully merged" };
  }

  #pullJson(name: string, item: Item): JsonObject {
    const { pull } = item;
    if (pull === undefined) throw new Error("no pull request");
    const repository = this.#repository(name);
    if (item.state === "open") pull.head = tipOf(repository, pull.branch) ?? pull.head;
    const [owner = ""] = name.split("/");
    const end = (ref: string, sha: string): JsonObject => ({ label: `${owner}:${ref}`, ref, sha, user: { login: owner }, repo: { full_name: name } });
    return {
      ...this.#issueJson(name, item),
      html_url: `https://github.com/${name}/pull/${item.number}`,
      draft: pull.draft,
      merged: pull.mergedAt !== null,
      merged_at: pull.mergedAt,
      head: end(pull.branch, pull.head),
      base: end(pull.base, tipOf(repository, pull.base) ?? ""),
    };
  }

  #issueJson(name: string, { number, title, body, state, labels, pull }: Item): JsonObject {
    return {
      id: number, number, title, body, state,
      url: `${this.url}/repos/${name}/issues/${number}`,
      html_url: `https://github.com/${name}/issues/${number}`,
      labels: labels.map((label) => ({ name: label })),
      ...(pull === undefined ? {} : { pull_request: { html_url: `https://github.com/${name}/pull/${number}` } }),
    };
  }
}

function listIssues(items: readonly Item[], { state = "open", labels }: Readonly<Record<string, string>>): Item[] {
  const wanted = labels === undefined ? [] : labels.split(",");
  return items.filter((item) => (state === "all" || item.state === state) && wanted.every((label) => item.labels.includes(label))).reverse();
}

function change(item: Item, { title, body, state, base }: JsonObject): Item {
  if (typeof title === "string") item.title = title;
  if (typeof body === "string") item.body = body;
  if (state === "open" || state === "closed") item.state = state;
  if (typeof base === "string" && item.pull !== undefined) item.pull.base = base;
  return item;
}

function commentJson(name: string, { number }: Item, { id, body }: Comment): JsonObject {
  return { id, body, html_url: `https://github.com/${name}/issues/${number}#issuecomment-${id}`, user: { login: "bot" } };
}

/** The branch's commit; undefined where it is not there. Without a real repository every branch is. */
function tipOf({ remote }: Repository, branch: string): string | undefined {
  if (remote === undefined) return "0".repeat(40);
  return remote.git("for-each-ref", "--format=%(objectname)", `refs/heads/${branch}`) || undefined;
}

function refusalBody(status: number, message: string, errors?: readonly JsonObject[]): JsonObject {
  return { message, ...(errors === undefined ? {} : { errors: errors.filter(isObject) }), documentation_url: "https://docs.github.com/rest", status: String(status) };
}
