/** What the gateway asks, of a server that answers as Superset does. */
import { Client } from "../../provider/superset/client";
import { Gateway } from "../../provider/superset/gateway";
import { json, perTest } from "./server";

const { start } = perTest();

test("who edited what is asked for all assets together", async () => {
  const uuids = Array.from({ length: 20 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
  const server = await start((_request, response) => {
    const result = uuids.slice(1).map((uuid, id) => ({ id, uuid, changed_on_utc: "2026-01-01T10:00:00+0000", changed_by: { first_name: "Ada", last_name: "Admin" } }));
    json(response, 200, { count: result.length, result });
  });
  const gateway = new Gateway({ url: server.url, token: "api-key-of-a-test" }, () => undefined);
  const found = await Promise.all(uuids.map((uuid) => gateway.editors("chart", [uuid])));
  expect(found[1]?.get(uuids[1] ?? "")).toEqual({ name: "Ada Admin", at: "2026-01-01T10:00:00.000Z" });
  expect(found[0]?.size).toBe(0);
  // The second one is about the asset without an editor: a list can miss a row.
  expect(server.requests).toEqual(["GET /api/v1/chart/", "GET /api/v1/chart/"]);
});

test("a list that is not to be had is asked for once, and what is not done without it is said", async () => {
  const server = await start((_request, response) => json(response, 403, { message: "Forbidden" }));
  const lines: string[] = [];
  const client = new Client({ url: server.url, token: "api-key-of-a-test" }, (line) => lines.push(line));
  const ask = () => client.optionalPage("log", { columns: ["action"] }, "edits are not looked for");
  expect(await Promise.all([ask(), ask()])).toEqual([undefined, undefined]);
  expect(await ask()).toBeUndefined();
  expect(lines).toEqual([
    `warning: edits are not looked for: The token's user may not GET /api/v1/log/ on Superset at ${server.url} (403: Forbidden). Use an account with the role Admin, or give its role the permission in Settings → List Roles.`,
  ]);
});
