/** A stand-in for the part of Pulumi Cloud's API that deployment settings and their schedules are, over real HTTP: what the real CLI sends. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { Json, JsonObject } from "../../provider/json";

export interface PulumiCloud {
  readonly url: string;
  readonly token: string;
  /** Settings by stack, as they were pushed. */
  readonly settings: ReadonlyMap<string, JsonObject>;
  /** Schedules of drift detection by stack: their cron expressions. */
  schedules(stack: string): readonly string[];
  close(): Promise<void>;
}

/** Organisation `shop` has any stack that is asked for. */
export async function startPulumiCloud(): Promise<PulumiCloud> {
  const token = "pul-0123456789abcdef0123456789abcdef01234567";
  const settings = new Map<string, JsonObject>();
  const schedules = new Map<string, { readonly stack: string; readonly cron: string; readonly autoRemediate: boolean }>();
  let lastId = 0;
  const schedule = (id: string): JsonObject => {
    const { cron = "", autoRemediate = false } = schedules.get(id) ?? {};
    const request = { operation: "detect-drift", inheritSettings: true, operationContext: { options: { remediateIfDriftDetected: autoRemediate } } };
    return { id, scheduleCron: cron, paused: false, kind: "deployment", definition: { request } };
  };
  const answer = (method: string, path: string, body: JsonObject): Json | undefined => {
    const fixed: Readonly<Record<string, Json>> = {
      "GET /api/user": { githubLogin: "shop", name: "Shop", organizations: [{ githubLogin: "shop", name: "Shop" }], identities: [] },
      "GET /api/user/organizations/default": { githubLogin: "shop" },
      "GET /api/capabilities": { capabilities: [] },
    };
    const [, project = "", stack = "", rest = ""] = /^\/api\/stacks\/shop\/([^/]+)\/([^/]+)(?:\/deployments\/(.+))?$/.exec(path) ?? [];
    switch (`${method} ${rest.replace(/^(schedules)\/.+$/, "$1/id")}`) {
      case "GET ":
        return fixed[`GET ${path}`] ?? (stack === "" ? undefined : { orgName: "shop", projectName: project, stackName: stack, tags: {}, version: 1 });
      case "PUT settings":
        settings.set(stack, body);
        return {};
      case "GET schedules":
        return { schedules: [...schedules.keys()].filter((id) => schedules.get(id)?.stack === stack).map(schedule) };
      case "GET schedules/id":
        return schedule(rest.split("/")[1] ?? "");
      case "DELETE schedules/id":
        schedules.delete(rest.split("/")[1] ?? "");
        return {};
      case "POST drift/schedules": {
        const id = `00000000-0000-4000-8000-${String((lastId += 1)).padStart(12, "0")}`;
        schedules.set(id, { stack, cron: String(body["scheduleCron"]), autoRemediate: body["autoRemediate"] === true });
        return schedule(id);
      }
      default:
        return undefined;
    }
  };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const known = request.headers.authorization === `token ${token}`;
      const found = known ? answer(request.method ?? "", (request.url ?? "").split("?")[0] ?? "", body === "" ? {} : (JSON.parse(body) as JsonObject)) : undefined;
      response.writeHead(!known ? 401 : found === undefined ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(found ?? { code: known ? 404 : 401, message: known ? `no ${request.url ?? ""}` : "Unauthorized" }));
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    settings,
    schedules: (stack) => [...schedules.values()].filter((one) => one.stack === stack).map(({ cron, autoRemediate }) => `${cron}${autoRemediate ? " and remediate" : ""}`),
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
