/** Secrets only where Superset keeps them secret. */
import type { Problem } from "../provider/errors";
import { isObject, type Json } from "../provider/json";
import type { ExportDocument, Secrets } from "../provider/kinds/define";
import { hasPlaceholder, placeholdersIn, placeholdersIntact } from "../provider/placeholders";
import type { Template } from "./templates";
import { pathText } from "./validate";
import type { Path } from "./yaml";

/**
 * What is wrong with the secrets of an asset: a secret variable in a field that anybody can read, one that a filter cut up, and, as
 * a warning, one written in plain text. `document`: without its secrets.
 */
export function secretProblems(template: Template, document: ExportDocument, secrets: Secrets, stackFile: string): Problem[] {
  const misplaced = textsWithPlaceholders(document, []).map(({ path, text }) => misplacedProblem(template, path, text));
  const others = Object.entries(secrets).flatMap(([name, text]): Problem[] => {
    const path = name.split(".");
    if (!placeholdersIntact(text)) {
      return [misplacedProblem(template, path, text)];
    }
    if (placeholdersIn(text).length > 0) {
      return [];
    }
    const [field] = Object.entries(template.value ?? {}).find(([, value]) => typeof value === "string" && value.includes(text)) ?? [name];
    return [{ ...template.locate(field === name ? path : [field]), severity: "warning", message: `'${field}' holds a secret in plain text; make it a secret variable in ${stackFile}` }];
  });
  return [...misplaced, ...others];
}

function textsWithPlaceholders(value: Json, path: Path): { readonly path: Path; readonly text: string }[] {
  if (typeof value === "string") {
    return hasPlaceholder(value) ? [{ path, text: value }] : [];
  }
  if (Array.isArray(value)) {
    return (value as readonly Json[]).flatMap((item, index) => textsWithPlaceholders(item, [...path, index]));
  }
  if (!isObject(value)) {
    return [];
  }
  return Object.entries(value).flatMap(([key, item]) => [...(hasPlaceholder(key) ? [{ path, text: key }] : []), ...textsWithPlaceholders(item, [...path, key])]);
}

function misplacedProblem(template: Template, path: Path, text: string): Problem {
  const names = [...new Set(placeholdersIn(text).map((found) => found.variable))];
  const whose = names.length === 0 ? "a secret variable" : `the secret variable ${names.map((name) => `'${name}'`).join(", ")}`;
  return {
    ...template.locate(path),
    message: `${whose} cannot stand in '${pathText(path)}': it would be readable there. Secrets may be the password of a URI, 'password', 'encrypted_extra' and the credentials of 'ssh_tunnel'`,
  };
}
