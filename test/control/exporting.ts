/** A workspace in Git with a remote, its stack applied to a real Superset, and a stand-in of GitHub: what exports to pull requests are tested with. */
import type { JsonObject } from "../../provider/json";
import { SupersetApi } from "../helpers/api";
import { bareRepository, gitFolder, TestRepository } from "../helpers/git";
import { GitHubStandIn } from "../helpers/github";
import { Project, type HybridResult } from "../helpers/project";
import { superset } from "../helpers/runtime";
import { succeeded } from "../stack/outcome";
import { credentials, ORDERS_SQL, stackConfig, writeTemplates } from "../stack/small";

/** The repository on GitHub. */
export const REPOSITORY = "shop/bi";
/** Where edits of dev go. */
export const BRANCH = "hybrid/ui-dev";

/** See the module's comment. */
export class Exporting {
  private constructor(
    readonly project: Project,
    /** The checkout: the project's folder. */
    readonly user: TestRepository,
    readonly remote: TestRepository,
    readonly github: GitHubStandIn,
    readonly ui: SupersetApi,
    private readonly url: string,
  ) {}

  /** Two environments of one Superset; `dev` is applied. */
  static async start(): Promise<Exporting> {
    const server = await superset();
    const warehouse = await server.postgres.createDatabase();
    await server.postgres.sql(warehouse.name, `set role warehouse_owner; ${ORDERS_SQL}`);
    const stack = (name: string): JsonObject => stackConfig(server.url, warehouse, server.postgres, name);
    const project = new Project({ stacks: { dev: stack("dev"), prod: stack("prod") }, env: credentials(server) });
    writeTemplates(project);
    project.write(".gitignore", "node_modules\n.pulumi\n");
    const remote = bareRepository(gitFolder());
    const user = new TestRepository(project.root);
    user.git("init", "--quiet", "--initial-branch=main");
    user.git("remote", "add", "origin", remote.folder);
    user.publish("The workspace");
    const github = await new GitHubStandIn().start();
    github.addRepository(REPOSITORY, remote);
    await project.initStacks("dev");
    succeeded(await project.up("dev"));
    return new Exporting(project, user, remote, github, await SupersetApi.connect(server), server.url);
  }

  /** `hybrid export-to-pr dev …`. */
  run(...args: readonly string[]): Promise<HybridResult> {
    return this.project.hybrid(["export-to-pr", "dev", ...args], { env: this.github.env(REPOSITORY) });
  }

  /** Runs it, which must succeed; what it printed. */
  async exported(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`hybrid export-to-pr ended with ${code}:\n${stderr}${stdout}`);
    return stdout.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<when>");
  }

  /** A chart as the UI has it. */
  async chart(name: string): Promise<{ readonly id: number; readonly uuid: string; readonly params: JsonObject }> {
    const { result } = await this.ui.get("/api/v1/chart/?q=(columns:!(id,uuid,slice_name,params,datasource_id,datasource_type))");
    const row = (result as unknown as readonly JsonObject[]).find(({ slice_name }) => slice_name === name);
    if (row === undefined) throw new Error(`no chart ${name}`);
    return { id: Number(row["id"]), uuid: String(row["uuid"]), params: JSON.parse(String(row["params"])) as JsonObject };
  }

  /** Changes one control of a chart. */
  async setParam(name: string, key: string, value: number | string): Promise<void> {
    const { id, params } = await this.chart(name);
    await this.ui.put(`/api/v1/chart/${id}`, { params: JSON.stringify({ ...params, [key]: value }) });
  }

  /** Numeric id of a dashboard. */
  async dashboard(slug: string): Promise<number> {
    return Number(((await this.ui.get(`/api/v1/dashboard/${slug}`))["result"] as JsonObject)["id"]);
  }

  /** Superset as another user. */
  as(username: string, password: string): Promise<SupersetApi> {
    return SupersetApi.connect({ url: this.url, username, password });
  }

  /** What a person does on GitHub: `api("PATCH", "pulls/1", { state: "closed" })`. */
  async api(method: string, path: string, body: JsonObject): Promise<void> {
    const response = await fetch(`${this.github.url}/repos/${REPOSITORY}/${path}`, { method, headers: { authorization: `token ${this.github.token}` }, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${await response.text()}`);
  }

  /** The lines that differ between two commits of the remote. */
  patch(from = "main", to = BRANCH): string {
    return this.remote.git("diff", "--unified=0", from, to).split("\n").filter((line) => /^[-+](?![-+])/.test(line)).join("\n");
  }

  /** The newest pull request. */
  pull(): JsonObject {
    return this.github.pulls(REPOSITORY).at(-1) ?? {};
  }

  /** Brings the checkout to main as the remote has it. */
  checkOutMain(): void {
    this.user.git("checkout", "--quiet", "--force", "main");
    this.user.git("clean", "--quiet", "--force", "-d");
    this.user.git("pull", "--quiet", "origin", "main");
  }
}
