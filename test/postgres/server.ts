/** The real PostgreSQL for tests of this folder. */
import { Client } from "pg";
import { migrate, migrationStatus, type MigrateOptions, type MigrateResult, type MigrationStatus } from "../../provider/postgres/runner";
import { postgres, type TestPostgres } from "../helpers/runtime";
import { folderOf, type Folder } from "./folder";

let server: TestPostgres;
beforeAll(async () => {
  server = await postgres();
}, 300_000);

/** The server; only inside tests. */
export function testServer(): TestPostgres {
  return server;
}

/** A database, a folder, and the migrator between them. */
export interface Bench extends Folder {
  readonly url: string;
  readonly adminUrl: string;
  /** What the run logged. */
  readonly logged: string[];
  up(options?: Partial<MigrateOptions>): Promise<MigrateResult>;
  /** The message of a run that fails. */
  failure(options?: Partial<MigrateOptions>): Promise<Error>;
  status(): Promise<MigrationStatus>;
  /** Runs SQL as somebody else would; rows as arrays of text. */
  sql(text: string): Promise<string[][]>;
}

const databases: { drop(): Promise<void> }[] = [];
afterAll(async () => {
  for (const database of databases) {
    await database.drop();
  }
});

/** An empty database, and a repository with these files (below `db/migrations` where the path has no folder). */
export async function bench(files: Readonly<Record<string, string>>): Promise<Bench> {
  const database = await server.createDatabase();
  databases.push(database);
  const below = (given: Readonly<Record<string, string | Buffer | null>>) =>
    Object.fromEntries(Object.entries(given).map(([path, text]) => [path.includes("/") ? path : `db/migrations/${path}`, text]));
  const folder = folderOf(below({ ".gitkeep": "", ...files }) as Record<string, string>);
  const logged: string[] = [];
  const options = { url: database.url, root: folder.root, directory: "db/migrations", seedDirectory: "db/seed", log: (message: string) => void logged.push(message) };
  return {
    root: folder.root,
    write: (changed) => folder.write(below(changed)),
    url: database.url,
    adminUrl: database.adminUrl,
    logged,
    up: (more) => migrate({ ...options, ...more }),
    failure: (more) => migrate({ ...options, ...more }).then(() => { throw new Error("the run succeeded"); }, (error: Error) => error),
    status: () => migrationStatus(options),
    sql: (text) => query(database.url, text),
  };
}

/** Runs SQL over a connection of its own. */
export async function query(url: string, text: string): Promise<string[][]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const result = await client.query<unknown[]>({ text, rowMode: "array" });
    const last = Array.isArray(result) ? (result as (typeof result)[]).at(-1) ?? result : result;
    return last.rows.map((row) => row.map(String));
  } finally {
    await client.end();
  }
}
