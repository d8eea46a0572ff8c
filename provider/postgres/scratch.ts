/**
 * Databases for a moment. Their names tell what they are and when they were made, a connection into each shows that somebody uses it: what
 * a run that was killed has left is found by that, and removed by the next one. Two runs at once have a database each.
 */
import { randomBytes } from "node:crypto";
import { Client, DatabaseError } from "pg";
import { ConfigError, ConnectionError } from "../errors";
import { describeUrl, messageOf, normaliseUrl, redact, withClient } from "./connection";

/** `hybrid_scratch_<UTC time>_<random>`. */
const PREFIX = "hybrid_scratch_";

/** Where the address of a server that is not the local runtime's is written, for messages. */
const SETTING = "--scratch-url (or HYBRID_SCRATCH_URL)";

/** A database of that age, in milliseconds, that nobody is connected to was left behind: its maker connects at once. */
const GRACE = 60_000;

/** A database that exists until it is closed. */
export interface Scratch {
  readonly name: string;
  /** With the password. */
  readonly url: string;
  /** What `openScratch` was given. */
  readonly server: string;
  /** Drops it, with whoever is connected. Once is enough. */
  close(): Promise<void>;
}

/**
 * Makes an empty database, and removes those that were left behind.
 * @param server any database of the server, by a user that may create databases
 * @throws ConfigError where that user may not
 */
export async function openScratch(server: string): Promise<Scratch> {
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const name = `${PREFIX}${time}_${randomBytes(4).toString("hex")}`;
  const target = new URL(normaliseUrl(server, SETTING));
  target.pathname = `/${name}`;
  await withClient(server, async (client) => {
    await removeLeftovers(client);
    try {
      // template0: nothing that an administrator has put into template1.
      await client.query(`create database ${name} template template0 encoding 'UTF8'`);
    } catch (error) {
      throw new ConfigError(`no scratch database can be made at ${describeUrl(server)}: ${redact(messageOf(error), server)}; give its user the right to create databases`, { cause: error });
    }
  }, SETTING);
  const keeper = new Client({ connectionString: target.href, application_name: "hybrid scratch", keepAlive: true });
  // The server may be ended from outside; closing then has nothing to drop.
  keeper.on("error", () => undefined);
  await keeper.connect();
  let closed: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    await keeper.end();
    try {
      await withClient(server, (client) => client.query(`drop database if exists ${name} with (force)`));
    } catch (error) {
      // A server that has gone is told of by whoever worked with it; what it still holds, the next run removes.
      if (!(error instanceof ConnectionError)) throw error;
    }
  };
  return {
    name,
    server,
    url: target.href,
    close: () => (closed ??= close()),
  };
}

async function removeLeftovers(client: Client): Promise<void> {
  const { rows } = await client.query<{ readonly datname: string }>(`select datname from pg_database where datname ~ '^${PREFIX}\\d{14}_'`);
  for (const { datname } of rows) {
    const [, year, month, day, hour, minute, second] = /^hybrid_scratch_(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)_[0-9a-f]+$/.exec(datname) ?? [];
    if (year === undefined || Date.now() - Date.parse(`${year}-${month ?? ""}-${day ?? ""}T${hour ?? ""}:${minute ?? ""}:${second ?? ""}Z`) < GRACE) {
      continue;
    }
    try {
      await client.query(`drop database if exists ${datname}`);
    } catch (error) {
      // In use, or of another user: not ours to remove.
      if (!(error instanceof DatabaseError) || !["55006", "42501"].includes(error.code ?? "")) {
        throw error;
      }
    }
  }
}
