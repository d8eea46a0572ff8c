/** The local PostgreSQL for the time of some work: started where it does not run, and then ended again when nobody else uses it. */
import { environmentPaths } from "./paths";
import { ensurePostgres, isPostgresRunning, postgresUrl, readServer, sql, stopPostgres } from "./postgres";
import { silentProgress } from "./progress";
import { ensurePython } from "./python";
import { environments, locked, supersetPorts, type RuntimeOptions } from "./runtime";
import { isSupersetRunning } from "./superset";

/**
 * @param open takes hold of the server by a connection of its own, which lives as long as the work; nobody ends the server before it has. Gets
 *   the address of its database `postgres`, as the superuser, with the password
 * @param close lets go, whatever has happened
 */
export async function withLocalPostgres<Handle, T>(
  options: RuntimeOptions,
  { open, work, close }: { readonly open: (url: string) => Promise<Handle>; readonly work: (handle: Handle) => Promise<T>; readonly close: (handle: Handle) => Promise<void> },
): Promise<T> {
  const { runtime, progress = silentProgress } = options;
  const { ran, handle } = await locked(options, async () => {
    const python = await ensurePython(progress);
    const ran = isPostgresRunning(runtime);
    const running = await ensurePostgres({ runtime, python, progress, reserved: supersetPorts(runtime) });
    try {
      return { ran, handle: await open(postgresUrl(running.superuser, running.port, "postgres")) };
    } catch (error) {
      if (!ran) await stopWhereIdle(runtime);
      throw error;
    }
  });
  try {
    return await work(handle);
  } finally {
    await close(handle);
    if (!ran) await locked(options, () => stopWhereIdle(runtime));
  }
}

/** Ends the server unless a Superset or anybody else is connected. */
async function stopWhereIdle(runtime: string): Promise<void> {
  const known = readServer(runtime);
  if (!known || !isPostgresRunning(runtime) || environments(runtime).some((name) => isSupersetRunning(environmentPaths(runtime, name)))) return;
  const server = { ...known, python: await ensurePython(silentProgress) };
  const others = await sql(server, "postgres", "select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid();");
  if (others === "0") await stopPostgres(runtime);
}
