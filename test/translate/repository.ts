/** Repositories with three environments, edits of what they compile to, and the law of a translation, checked from outside. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { compile, type Compiled } from "../../compile";
import { translate, type Translation, type TranslateTarget } from "../../compile/translate";
import { changedPaths } from "../../provider/canonical";
import { formatProblem } from "../../provider/errors";
import { canonicalForms } from "../../provider/forms";
import { kindNamed } from "../../provider/kinds/registry";

/** A form that a test may change as it likes. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests reach deep into forms they know
export type Form = Record<string, any>;

const made: string[] = [];
export function removeRepositories(): void {
  for (const root of made.splice(0)) rmSync(root, { recursive: true, force: true });
}

export const ENVIRONMENTS: Readonly<Record<string, string>> = {
  "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
  "Pulumi.dev.yaml": "config:\n  superset:vars: {ENV: dev, SCHEMA: shop_dev, LIMIT: 100, REGIONS: [North, South], TENANT: customer_id, db: {host: db.dev}}\n",
  "Pulumi.staging.yaml": "config:\n  superset:vars: {ENV: staging, SCHEMA: shop, LIMIT: 100, REGIONS: [North, South], TENANT: customer_id, db: {host: db.staging}}\n",
  "Pulumi.prod.yaml": "config:\n  superset:vars: {ENV: prod, SCHEMA: shop, LIMIT: 5000, REGIONS: [North, East, West], TENANT: tenant_id, db: {host: db.prod}}\n",
};

/** Templates that compile: one of each kind. */
export const SHOP: Readonly<Record<string, string>> = {
  "assets/databases/warehouse.yaml.j2": 'database_name: "warehouse_{{ ENV }}"\nsqlalchemy_uri: postgresql+psycopg2://bi@{{ db.host }}/shop\n',
  "assets/datasets/sales.yaml.j2": `table_name: sales
schema: {{ SCHEMA }}
database: "warehouse_{{ ENV }}"
main_dttm_col: sold_at
columns:
  - {column_name: sold_at, type: TIMESTAMP, is_dttm: true}
  - {column_name: brand, type: TEXT}
  - {column_name: region, type: TEXT}
  - {column_name: amount, type: NUMERIC}
metrics:
  - {metric_name: revenue, expression: SUM(amount)}
  - {metric_name: orders, expression: COUNT(*)}
`,
  "assets/charts/revenue.yaml": "slice_name: Revenue\nviz_type: table\ndatasource: sales\nparams:\n  metrics: [revenue]\n  groupby: [brand]\n  row_limit: 100\n",
  "assets/dashboards/overview.yaml": "dashboard_title: Overview\nslug: overview\nlayout:\n  - [Revenue]\n",
};

/** A repository with these files beside, or in place of, those of `SHOP`; undefined leaves one out. */
export function repository(files: Readonly<Record<string, string | undefined>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "translate-"));
  made.push(root);
  for (const [path, content] of Object.entries({ ...ENVIRONMENTS, ...SHOP, ...files })) {
    if (content !== undefined) put(root, path, content);
  }
  return root;
}

function put(root: string, path: string, content: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Changes the form of the asset whose template or name (`revenue`) is given; `null` in the place of a function: it is deleted. */
export type Edits = Readonly<Record<string, ((form: Form) => void) | null>>;

/** What Superset would hold after the edits: only the assets that they are about. */
export function edited(root: string, edits: Edits, environment = "dev"): Map<string, TranslateTarget> {
  const { assets } = compile({ root, environment });
  const forms = canonicalForms(assets);
  return new Map(Object.entries(edits).map(([name, edit]) => {
    const asset = assets.find(({ source, key }) => source === name || key === name);
    if (asset === undefined) throw new Error(`no asset ${name}`);
    const form = structuredClone(forms.get(asset.uuid)) as Form;
    edit?.(form);
    return [asset.uuid, { kind: asset.kind, form: edit === null ? undefined : form }];
  }));
}

/** What a translation of edits gives, its law checked. */
export interface Outcome extends Translation {
  readonly root: string;
  /** The notes as people read them. */
  readonly told: readonly string[];
  /** The new text of the one file that changed. */
  readonly text: string;
}

/** Translates edits of a repository, and checks the law. */
export function translated(files: Readonly<Record<string, string | undefined>>, edits: Edits, environment = "dev"): Outcome {
  const root = repository(files);
  const targets = edited(root, edits, environment);
  const translation = translate({ root, environment, targets });
  expectLaw(root, translation, targets, environment);
  const texts = [...translation.files.values()];
  return { ...translation, root, told: translation.notes.map(formatProblem), text: texts.length === 1 ? (texts[0] ?? "") : "" };
}

/** All files of a folder, by path. */
export function filesOf(root: string, below = ""): Map<string, string> {
  return new Map(readdirSync(join(root, below), { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    return entry.isDirectory() ? [...filesOf(root, path)] : [[path, readFileSync(join(root, path), "utf8")]];
  }));
}

/**
 * The law: what is done compiles to the target, what remains differs as the translation says, no other asset changes, other environments change in the
 * edited fields alone, and nothing was written.
 */
export function expectLaw(root: string, { files, done, remaining, notes }: Translation, targets: ReadonlyMap<string, TranslateTarget>, environment: string): void {
  const names = [...filesOf(root).keys()].flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  const copy = mkdtempSync(join(tmpdir(), "translated-"));
  made.push(copy);
  for (const [path, text] of new Map<string, string | undefined>([...filesOf(root), ...files])) {
    if (text !== undefined) put(copy, path, text);
  }
  const editedFields = new Map<string, Set<string>>();
  for (const name of [environment, ...names.filter((other) => other !== environment)]) {
    const [before, after] = [root, copy].map((folder) => bySource(compile({ root: folder, environment: name }))) as [Sources, Sources];
    for (const [source, { uuid, kind, form }] of before) {
      const now = after.get(source);
      const changes = now === undefined ? [] : changedPaths(form, now.form).map(({ path }) => pattern(path));
      const target = targets.get(uuid);
      if (name !== environment) {
        const allowed = [...(editedFields.get(source) ?? [])];
        expect({ name, source, other: changes.filter((path) => !allowed.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`) || field.startsWith(`${path}[`) || field.startsWith(`${path}.`))) }).toEqual({ name, source, other: [] });
      } else {
        editedFields.set(source, new Set(changes));
        if (target === undefined) {
          expect([source, changes]).toEqual([source, []]);
        } else if (done.includes(uuid)) {
          expect(target.form === undefined ? now : changedPaths(kindNamed(kind).rules.relevant(target.live ?? target.form, now?.form ?? {}), now?.form)).toEqual(target.form === undefined ? undefined : []);
        } else {
          const left = remaining.find((one) => one.uuid === uuid);
          expect(left).toBeDefined();
          expect(target.form === undefined ? now !== undefined : changedPaths(now?.form, kindNamed(kind).rules.relevant(target.form, now?.form ?? {}))).toEqual(target.form === undefined ? true : left?.changes);
          expect(notes.some(({ severity }) => severity !== "warning")).toBe(true);
        }
      }
    }
  }
  expect(existsSync(copy)).toBe(true);
}

type Sources = ReadonlyMap<string, { readonly uuid: string; readonly kind: string; readonly form: Form }>;

function bySource(compiled: Compiled): Sources {
  const forms = canonicalForms(compiled.assets);
  return new Map(compiled.assets.map(({ source, uuid, kind }) => [source, { uuid, kind, form: forms.get(uuid) as Form }]));
}

/** A path without what is another one in each environment: indices, names of columns that a variable gives, ids made from content. */
function pattern(path: string): string {
  return path.replace(/\[\d+\]/g, "[]").replace(/^(columns|metrics)\.[^.]+/, "$1.*").replace(/^(position)[.[].*/, "$1").replace(/(native_filter_configuration)[.[]"?[^.\]]+"?\]?/, "$1.*");
}

