/** What pending migrations break, for the commands that show it. */
import type { Compiled } from "../compile";
import type { ControlEnvironment } from "../control/environment";
import type { ImpactReport } from "../control/impact/report";
import { terminalProgress } from "../local/progress";
import { interruptible } from "./interrupt";

/** Environment variable for the scratch server's address, which may hold a password. */
export const SCRATCH_VARIABLE = "HYBRID_SCRATCH_URL";

/** Finds it with progress for people; Ctrl-C removes the scratch database. @param given see `ImpactOptions` */
export function findImpact(environment: ControlEnvironment, compiled: Compiled, given: { readonly since?: string | undefined; readonly scratchUrl?: string | undefined } = {}): Promise<ImpactReport> {
  const { warehouseImpact } = require("../control/impact") as typeof import("../control/impact");
  const scratchUrl = given.scratchUrl ?? (process.env[SCRATCH_VARIABLE] || undefined);
  return interruptible("the scratch database is removed", (signal) => warehouseImpact(environment, { compiled, progress: terminalProgress(), signal, scratchUrl, since: given.since }));
}
