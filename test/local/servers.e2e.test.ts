import { postgres, superset, type TestSuperset } from "../helpers/runtime";

async function login(server: TestSuperset): Promise<number> {
  const answer = await fetch(`${server.url}/api/v1/security/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: server.username, password: server.password, provider: "db", refresh: true }),
  });
  return answer.status;
}

describe("servers for tests", () => {
  it("gives a database of the owner that the reader can read, and nothing more", async () => {
    const pg = await postgres();
    const db = await pg.createDatabase();
    await pg.sql(db.name, "set role warehouse_owner; create schema examples; create table examples.t (a int); insert into examples.t values (7);");
    expect(await pg.sql(db.name, "set role bi_reader; select a from examples.t")).toBe("7");
    await expect(pg.sql(db.name, "set role bi_reader; delete from examples.t")).rejects.toThrow(/permission denied for table t/);
    await expect(pg.sql(db.name, "set role bi_reader; create table examples.u (a int)")).rejects.toThrow(/permission denied for schema examples/);
    await db.drop();
    expect(await pg.sql("postgres", `select count(*) from pg_database where datname = '${db.name}'`)).toBe("0");
  }, 120_000);

  it("gives a Superset that survives being emptied and being killed", async () => {
    const server = await superset();
    expect(await login(server)).toBe(200);
    const { postgres: pg, metadata } = server;
    await pg.sql(metadata, "insert into css_templates (template_name, css) values ('mine', '')");
    await server.fresh();
    expect(await pg.sql(metadata, "select count(*) from css_templates")).toBe("0");
    expect(await login(server)).toBe(200);

    await server.kill();
    await expect(login(server)).rejects.toThrow("fetch failed");
    await server.restart();
    expect(await login(server)).toBe(200);
  }, 300_000);
});
