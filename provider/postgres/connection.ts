/** Connections to the warehouse: one client per run, errors without passwords. */
import { Client, DatabaseError, type Connection, type Submittable } from "pg";
import { AuthError, ConfigError, ConnectionError, MigrationError, UserError } from "../errors";

/** How long to wait for the server to answer a connection attempt, in milliseconds. */
const CONNECT_TIMEOUT = 15_000;

/** The text with the password of every URL in it as `***`, in the authority and in `?password=`. */
export function redactUrl(text: string): string {
  return text
    .replace(/(:\/\/[^\s/?#:@]*):[^\s/?#]*@/g, "$1:***@")
    .replace(/(:\/\/[^\s/?#:@]*):\S*@(?=[^\s@]*$|[^\s@]+\s)/g, "$1:***@")
    .replace(/([?&](?:password|sslpassword)=)[^&\s#]*/gi, "$1***");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) {
      return undefined;
    }
    throw error;
  }
}

/** The passwords a URL carries: as written, as a URL normalises them, and decoded. */
function passwordsOf(url: string): string[] {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const written = [/^[^:]*:\/\/[^:@/]*:(\S*)@/.exec(url)?.[1], parsed?.password, parsed?.searchParams.get("password")];
  return written.flatMap((value) => (typeof value === "string" && value !== "" ? [value, decoded(value) ?? value] : []));
}

/** A text for people, without the passwords of `url` however they got into it. */
export function redact(text: string, url: string): string {
  return passwordsOf(url).reduce((clean, password) => (password.length < 3 ? clean : clean.replaceAll(password, "***")), redactUrl(text));
}

/** `host:port/database` of a URL, for messages. */
export function describeUrl(url: string): string {
  const parsed = new URL(normaliseUrl(url));
  const host = parsed.searchParams.get("host") ?? (parsed.hostname === "" ? "localhost" : parsed.hostname);
  return `${host}:${parsed.port === "" ? "5432" : parsed.port}${decoded(parsed.pathname) ?? parsed.pathname}`;
}

/** Where the warehouse's address is written, for messages. */
const WAREHOUSE = "warehouse:url (or DATABASE_URL)";

/**
 * Accepts SQLAlchemy's `postgresql+psycopg2://` too; throws a ConfigError, which never shows the URL, for anything else.
 * @param setting where the URL is written, for messages
 */
export function normaliseUrl(url: string, setting = "warehouse:url"): string {
  const normal = url.trim().replace(/^postgres(?:ql)?(?:\+\w+)?:\/\//, "postgresql://");
  if (!normal.startsWith("postgresql://") || !URL.canParse(normal)) {
    throw new ConfigError(`${setting} is no PostgreSQL URL; write postgresql://user:password@host:5432/database, with special characters of the password percent-encoded`);
  }
  const { pathname, searchParams, username, password } = new URL(normal);
  if ([pathname, username, password].some((part) => decoded(part) === undefined)) {
    throw new ConfigError(`${setting} holds a bare percent sign: percent-encode the special characters of user and password (% as %25)`);
  }
  if (pathname.length < 2) {
    throw new ConfigError(`${setting} names no database; write postgresql://user:password@host:5432/database`);
  }
  if (searchParams.has("search_path")) {
    throw new ConfigError(`${setting} sets search_path, and the tracking table is always in schema public; take it out, and set the path with ALTER ROLE … SET search_path`);
  }
  return normal;
}

/** The text of an error; of one for several addresses, the texts of all. */
export function messageOf(error: unknown): string {
  if (typeof error === "object" && error !== null && "errors" in error && Array.isArray(error.errors)) {
    return error.errors.map(messageOf).join("; ");
  }
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

/** The system's code of an error; of one for several addresses, that of the first. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null) {
    return undefined;
  }
  if ("code" in error && typeof error.code === "string") {
    return error.code;
  }
  return "errors" in error && Array.isArray(error.errors) ? codeOf(error.errors[0]) : undefined;
}

/** Code of a connection that broke: pg itself gives none where the server closed it without a word. */
export function lostCode(error: unknown): string {
  return codeOf(error) ?? "ECONNRESET";
}

/** A failed connection attempt as the error class people can act on. */
function connectError(url: string, error: unknown, setting: string): Error {
  const where = describeUrl(url);
  const message = redact(messageOf(error), url);
  if (error instanceof DatabaseError) {
    switch (error.code ?? "") {
      case "28P01":
      case "28000":
        return new AuthError(`PostgreSQL at ${where} refused the login: ${message}; check user and password in ${setting}`, { cause: error });
      case "3D000":
        return new ConfigError(`PostgreSQL at ${where}: ${message}; create the database, or correct its name in ${setting}`, { cause: error });
      default:
        return new ConnectionError(`PostgreSQL at ${where} refused the connection: ${message} (${error.code ?? "no code"}); try again when the server is ready`, { cause: error, retryCode: error.code });
    }
  }
  return new ConnectionError(`PostgreSQL at ${where} cannot be reached: ${message}; check that the server runs and ${setting} names it`, { cause: error, retryCode: codeOf(error) });
}

/**
 * Connects, runs `work`, and closes the connection whatever happens (which frees the session's locks).
 * @param setting where the URL is written, for messages. Default: the warehouse's
 */
export async function withClient<T>(url: string, work: (client: Client) => Promise<T>, setting = WAREHOUSE): Promise<T> {
  const client = new Client({ connectionString: normaliseUrl(url, setting), connectionTimeoutMillis: CONNECT_TIMEOUT, application_name: "hybrid", keepAlive: true });
  let lost = false;
  // Without a listener, a connection that breaks between two statements ends the process; the next statement reports it.
  client.on("error", () => { lost = true; });
  try {
    await client.connect();
  } catch (error) {
    throw connectError(url, error, setting);
  }
  try {
    return await work(client);
  } catch (error) {
    throw error instanceof UserError || !(lost || error instanceof DatabaseError) ? error : serverError(url, error);
  } finally {
    await client.end();
  }
}

/** An error of the server, or of the connection, that nobody gave a better text. */
function serverError(url: string, error: unknown): Error {
  const message = redact(messageOf(error), url);
  if (isConnectionLost(error)) {
    return new ConnectionError(`the connection to PostgreSQL at ${describeUrl(url)} was lost: ${message}; run again`, { cause: error, retryCode: lostCode(error) });
  }
  return new MigrationError(`PostgreSQL at ${describeUrl(url)}: ${message} (${error instanceof DatabaseError ? (error.code ?? "no code") : "no code"}); grant the user of warehouse:url what it needs, or correct the database`, { cause: error });
}

/** Whether an error means that the connection is gone (as opposed to: the server answered with an error). */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof DatabaseError) {
    return error.code === "57P01" || error.code === "57P02" || error.code === "57P03" || (error.code?.startsWith("08") ?? false);
  }
  return true;
}

/** Text of a constant for SQL that cannot take parameters (several statements in one message). */
export function literal(value: string): string {
  const quoted = `'${value.replaceAll("'", "''").replaceAll("\\", "\\\\")}'`;
  return value.includes("\\") ? ` E${quoted}` : quoted;
}

/** How a script failed. */
export interface ScriptFailure {
  readonly error: unknown;
  /** Statements that were complete before the failing one. */
  readonly completed: number;
}

/**
 * Several statements in one message of the simple protocol, whose rows nobody wants: counts the completed statements, which is how
 * the failing one is known when PostgreSQL gives no position. An error ends the message: what follows is not run.
 */
class Script implements Submittable {
  private completed = 0;
  private failure: ScriptFailure | undefined;
  constructor(
    private readonly text: string,
    private readonly done: (failure: ScriptFailure | undefined) => void,
    private readonly onCompleted: (count: number) => void,
  ) {}
  submit(connection: Connection): void {
    (connection as unknown as { query(text: string): void }).query(this.text);
  }
  handleCommandComplete(): void {
    this.completed += 1;
    this.onCompleted(this.completed);
  }
  handleError(error: unknown): void {
    this.failure = { error, completed: this.completed };
    this.done(this.failure);
  }
  handleReadyForQuery(): void {
    if (this.failure === undefined) {
      this.done(undefined);
    }
  }
  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
  handleCopyInResponse(connection: Connection): void {
    (connection as unknown as { sendCopyFail(reason: string): void }).sendCopyFail("COPY FROM stdin is not supported in migrations");
  }
}

/**
 * Runs several statements as one message. Resolves with the failure rather than throwing it: the caller knows the files.
 * @param onCompleted called with the number of statements that are complete, as the answers arrive
 */
export function runScript(client: Client, text: string, onCompleted: (count: number) => void = () => undefined): Promise<ScriptFailure | undefined> {
  return new Promise((resolve) => {
    client.query(new Script(text, resolve, onCompleted));
  });
}
