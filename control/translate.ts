/** Exports put into templates. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import { translate, type Translation, type TranslateTarget } from "../compile/translate";
import { exportedForms, readExport } from "../compile/translate/exported";
import type { ControlEnvironment } from "./environment";

/** A translation, and what it was made of. */
export interface TranslatedExport extends Translation {
  /** Number of assets in the export. */
  readonly assets: number;
}

/**
 * Translates an export of the environment: templates of assets that it holds are edited, assets without a template get one, and assets that it does
 * not hold stay as they are. Nothing is written: see `replaceFiles`.
 * @throws ConfigError, ProblemsError for an export that cannot be read, or an environment that does not compile
 */
export function translateExport(env: ControlEnvironment, folder: string): TranslatedExport {
  const files = readExport(folder);
  const documents = new Map(env.compiled.assets.map(({ uuid, document }) => [uuid, document]));
  const live = exportedForms(files, (uuid) => documents.get(uuid));
  const targets = new Map(files.map(({ kind, uuid }): [string, TranslateTarget] => {
    const [form, desired] = [live.get(uuid), env.forms.get(uuid)];
    return [uuid, { kind: kind.name, form: form === undefined || desired === undefined ? form : kind.rules.relevant(form, desired), ...(form === undefined ? {} : { live: form }) }];
  }));
  return { ...translate({ root: env.files.root, environment: env.files, targets }), assets: files.length };
}

/** What a translation changes, as a unified diff of files. */
export function translationDiff(root: string, { files }: Pick<Translation, "files">): string {
  return [...files].map(([path, text]) => {
    const before = existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : undefined;
    const names = [before === undefined ? "/dev/null" : `a/${path}`, text === undefined ? "/dev/null" : `b/${path}`] as const;
    return createTwoFilesPatch(...names, before ?? "", text ?? "", undefined, undefined, { context: 3 }).replace(/^=+\n/, "");
  }).join("");
}
