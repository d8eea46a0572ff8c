/** Choice of ports on 127.0.0.1. */
import { createServer } from "node:net";

import { UserError } from "../provider/errors";

/** Port of the first local Superset on a machine. */
export const DEFAULT_SUPERSET_PORT = 8088;
/** Port of the first local PostgreSQL on a machine. */
export const DEFAULT_POSTGRES_PORT = 54320;

/** How many ports above the wished one are tried. */
const SPAN = 200;

/** True where a server could listen on the port of 127.0.0.1 now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The wished port, or the next above it that is neither taken nor in `reserved` (those of our other environments). */
export async function choosePort(wished: number, reserved: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = wished; port < Math.min(wished + SPAN, 65536); port++) {
    if (!reserved.has(port) && (await isFree(port))) return port;
  }
  throw new UserError(`no free port on 127.0.0.1 from ${wished} to ${Math.min(wished + SPAN, 65536) - 1}. Give another one with --port.`);
}
