/** One Superset as an operation sees it: the gateway, and what canonical forms need to know of the others. Shared by the resources and by `hybrid`. */
import { databaseSettings } from "./forms";
import type { CanonicalContext, WireContext } from "./kinds/define";
import type { Workspace } from "./lifecycle";
import { loadPolicy } from "./policy";
import type { Settings } from "./settings";
import { Gateway } from "./superset/gateway";

/**
 * Opens the workspace of an environment; nothing is asked of Superset yet.
 * @param log gets lines for people (retries, warnings), without secrets
 * @throws ConfigError where the address, credentials or policy are missing or wrong
 */
export function openWorkspace(settings: Settings, log: (message: string) => void): Workspace {
  const gateway = new Gateway(settings.connection(), log);
  const declared: Workspace["declared"] = new Map();
  const firstDatabases = new Map<string, ReturnType<CanonicalContext["database"]>>();
  const liveContext: CanonicalContext = {
    live: true,
    database(uuid) {
      const settings = databaseSettings(gateway.known?.asset("database", uuid)?.document);
      if (!firstDatabases.has(uuid) && settings !== undefined) {
        firstDatabases.set(uuid, settings);
      }
      return settings;
    },
    chartUuid: (id) => gateway.known?.byId("chart", id),
    datasetUuid: (id) => gateway.known?.byId("dataset", id),
  };
  const firstContext: CanonicalContext = { ...liveContext, database: (uuid) => firstDatabases.get(uuid) ?? liveContext.database(uuid) };
  const desiredContext: CanonicalContext = {
    database: (uuid) => databaseSettings(declared.get(uuid)?.form) ?? liveContext.database(uuid),
    chartUuid: () => undefined,
  };
  const wireContext: WireContext = {
    chartId: (uuid) => gateway.known?.asset("chart", uuid)?.id,
    datasetId: (uuid) => gateway.known?.asset("dataset", uuid)?.id,
  };
  return { gateway, policy: loadPolicy(settings.root, settings.environment), desiredContext, liveContext, firstContext, wireContext, seen: new Map(), adopted: new Set(), declared };
}
