/** `Pulumi.<env>.yaml` of an environment that is taken over, and that of one on this machine beside it. */
import { Document, isScalar, type Node, type YAMLMap } from "yaml";
import type { Mode } from "../../../provider/configuration";
import type { OlderEnvironment } from "./variables";

/** The environment that a taken-over repository has besides its own, so that it can be tried on this machine. */
export const LOCAL_ENVIRONMENT = "local";

/** What the local runtime knows by which name: the end of a variable's name says what it is. */
const LOCAL_FIELDS: readonly (readonly [RegExp, string])[] = [
  [/host(?:name)?$/i, "host"],
  [/port$/i, "port"],
  [/(?:name|database|dbname)$/i, "database"],
  [/(?:user|username|login)$/i, "bi_username"],
  [/(?:password|passwd|pass|pwd)$/i, "bi_password"],
];
/** Whose variables they are: others, as SMTP_HOST, have nothing to do with the warehouse. */
const WAREHOUSE = /^(?:db|database|postgres|postgresql|pg|warehouse|dwh)(?:_|(?=host|port|user|pass|name|database))/i;

/** How an environment reaches its Superset. */
export interface OlderConnection {
  readonly mode: Mode;
  readonly url: string | undefined;
  /** Another environment has the same Superset: assets need uuids of their own in each. */
  readonly shared: boolean;
}

/** The text of the stack file. */
export function stackText(environment: OlderEnvironment, connection: OlderConnection): string {
  const origin = environment.file === undefined ? "which had no file of its own" : `taken over from ${environment.file}`;
  const settings: Readonly<Record<string, string>> = {
    ...(connection.mode === "preset" ? { "superset:mode": "preset" } : {}),
    ...(connection.url === undefined ? {} : { "superset:url": connection.url }),
    ...(connection.shared ? { "superset:identity": "per-environment" } : {}),
  };
  return text(`# Environment ${environment.name}, ${origin}.`, settings, environment.node);
}

/** The text of the stack file of `local`: the variables of another environment, and those that name the warehouse as the local runtime has it. */
export function localStackText(like: OlderEnvironment): string {
  const variables = like.node.clone() as YAMLMap;
  for (const pair of variables.items) {
    const name = isScalar(pair.key) ? String(pair.key.value) : "";
    const field = localField(name);
    if (field !== undefined) {
      pair.value = new Document().createNode({ local: `postgres.${field}` }, { flow: true });
    }
  }
  variables.set("ENV", LOCAL_ENVIRONMENT);
  return text(`# Environment ${LOCAL_ENVIRONMENT}: the Superset and PostgreSQL that \`make local-up\` starts on this machine, with the other variables as ${like.name} has them.`, { "superset:url": "local", "warehouse:url": "local" }, variables);
}

function localField(name: string): string | undefined {
  return WAREHOUSE.test(name) ? LOCAL_FIELDS.find(([end]) => end.test(name))?.[1] : undefined;
}

function text(header: string, settings: Readonly<Record<string, string>>, variables: Node): string {
  const document = new Document({ config: { ...settings, "superset:vars": null } });
  document.setIn(["config", "superset:vars"], variables);
  return `${header}\n${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`;
}
