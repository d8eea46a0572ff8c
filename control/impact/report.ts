/** What breaks, from the migration to the page: migration → object → dataset → column or metric → chart → dashboard. Pure. */
import type { Compiled, CompiledAsset } from "../../compile";
import type { Problem } from "../../provider/errors";
import { kindNamed } from "../../provider/kinds/registry";
import type { CatalogChange } from "../../provider/postgres/catalog";
import type { RelationAsset } from "../lineage";
import type { Failure } from "./evaluate";
import type { Check, Unchecked } from "./queries";
import { nameOf, type BrokenCheck, type Trace } from "./trace";

/** An asset in a report. */
export interface AssetRef {
  readonly kind: string;
  readonly name: string;
  readonly uuid: string;
  /** Template, from the repository's root. */
  readonly source: string;
}

/** One thing that does not work. */
export interface BrokenItem extends Pick<Problem, "file" | "line" | "column"> {
  /** `column 'region'`. */
  readonly label: string;
  /** As PostgreSQL says it. */
  readonly message: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly severity: Failure["severity"];
}

/** An asset that something broken reaches. */
export interface ReachedAsset extends AssetRef {
  /** What of it: broken SQL of its own, and what it takes from the dataset. */
  readonly items: readonly (BrokenItem | { readonly label: string })[];
  /** The pages that show it (itself, where it is one). */
  readonly pages: readonly AssetRef[];
}

/** A dataset with what is broken in it and over it. */
export interface BrokenDataset extends AssetRef {
  /** Changes of objects that it reads. */
  readonly causes: readonly string[];
  readonly items: readonly BrokenItem[];
  readonly reaches: readonly ReachedAsset[];
}

/** What one migration does. */
export interface MigrationImpact {
  /** From the repository's root. */
  readonly file: string;
  readonly name: string;
  /** What it drops or changes: `drops column region of table public.orders`. What it adds is not told. */
  readonly changes: readonly string[];
  /** What of the bundle it breaks. */
  readonly breaks: readonly BrokenDataset[];
}

/** The whole report. */
export interface ImpactReport {
  readonly environment: string;
  /** Pending migrations that drop, change or break something; all others are only counted. */
  readonly impacts: readonly MigrationImpact[];
  /** Number of migrations that were tried. */
  readonly migrations: number;
  /** What is broken without the migrations too, in assets that are new or changed. */
  readonly wrong: readonly BrokenDataset[];
  /** What was broken before, in assets that are as they were: told, and no reason to stop. */
  readonly before: readonly BrokenDataset[];
  /** Nothing in the bundle would break. */
  readonly ok: boolean;
  /** Labels of what the migrations repair. */
  readonly repaired: readonly (BrokenItem | (AssetRef & { readonly label: string }))[];
  readonly checked: number;
  readonly unchecked: readonly (AssetRef & Pick<Problem, "file" | "line" | "column"> & { readonly label: string; readonly reason: string })[];
  /** Things to know: what the scratch database lacks, which database was taken for the warehouse. */
  readonly notes: readonly string[];
  readonly failed?: string;
}

/** What a report is made of. */
export interface ReportSource {
  readonly compiled: Compiled;
  readonly trace: Trace;
  readonly checked: number;
  readonly unchecked: readonly Unchecked[];
  readonly notes: readonly string[];
  /** Whether the asset is as it was before the change. */
  readonly isOld: (asset: CompiledAsset) => boolean;
}

/** Makes the report. */
export function impactReport({ compiled, trace, checked, unchecked, notes, isOld }: ReportSource): ImpactReport {
  const graph = new Graph(compiled);
  const old = trace.broken.filter(({ since }) => since === undefined);
  const isKnown = ({ check, failure }: BrokenCheck): boolean => failure.severity === "warning" || (isOld(check.asset) && isOld(check.relation.asset));
  const impacts = trace.steps.map((step): MigrationImpact => ({
    file: step.file,
    name: step.name,
    changes: step.changes.filter(({ before }) => before !== undefined).map(changeText),
    breaks: graph.datasets(trace.broken.filter(({ since }) => since === step), step.changes),
  }));
  return {
    environment: compiled.environment,
    impacts: impacts.filter(({ changes, breaks }) => changes.length + breaks.length > 0),
    migrations: trace.steps.length,
    wrong: graph.datasets(old.filter((one) => !isKnown(one)), []),
    before: graph.datasets(old.filter(isKnown), []),
    ok: trace.failed === undefined && trace.broken.every((one) => one.failure.severity === "warning" || (one.since === undefined && isKnown(one))),
    repaired: trace.repaired.map((check) => ({ ...refOf(check.asset), ...compiled.locate(check.asset.uuid, check.path), label: check.label })),
    checked,
    unchecked: unchecked.map(({ asset, label, path, reason }) => ({ ...refOf(asset), ...compiled.locate(asset.uuid, path), label, reason })),
    notes,
    ...(trace.failed === undefined ? {} : { failed: trace.failed }),
  };
}

/** `drops column region of table public.orders`, `changes view public.totals`. */
function changeText({ object, part, before, after }: CatalogChange): string {
  const verb = after === undefined ? "drops" : before === undefined ? "adds" : "changes";
  if (part === "" || part === "definition") {
    return `${verb} ${object}`;
  }
  const values = verb === "changes" && before !== undefined && after !== undefined && !/[\s\S]{80}/.test(before + after) ? ` from ${before} to ${after}` : "";
  return `${verb} ${part} of ${object}${values}`;
}

function refOf({ kind, name, uuid, source }: CompiledAsset): AssetRef {
  return { kind, name, uuid, source };
}

/** The bundle's assets, and who needs whom. */
class Graph {
  readonly #users = new Map<string, CompiledAsset[]>();

  constructor(private readonly compiled: Compiled) {
    for (const asset of compiled.assets) {
      for (const uuid of asset.dependsOn) {
        this.#users.set(uuid, [...(this.#users.get(uuid) ?? []), asset]);
      }
    }
  }

  /** Broken checks by dataset, each with what it reaches. */
  datasets(broken: readonly BrokenCheck[], changes: readonly CatalogChange[]): BrokenDataset[] {
    const relations = [...new Set(broken.map(({ check }) => check.relation))];
    return relations.map((relation) => {
      const own = broken.filter(({ check }) => check.relation === relation);
      const items = own.filter(({ check }) => check.subject !== "use").map((one) => this.#item(one));
      return { ...refOf(relation.asset), causes: causesOf(relation, changes), items, reaches: this.#reached(relation, own) };
    });
  }

  #item({ check, failure }: BrokenCheck): BrokenItem {
    return { ...this.compiled.locate(check.asset.uuid, check.path), label: check.label, message: failure.message, code: failure.code, severity: failure.severity };
  }

  /** Assets that ask for something broken, or whose own SQL is. */
  #reached(relation: RelationAsset, broken: readonly BrokenCheck[]): ReachedAsset[] {
    const errors = broken.filter(({ failure }) => failure.severity === "error");
    const whole = errors.some(({ check }) => check.subject === "source");
    const names = new Map(errors.flatMap(({ check }) => (check.name === undefined || check.subject === "use" ? [] : [[`${check.subject} ${check.name}`, check] as const])));
    return this.compiled.assets.flatMap((asset): ReachedAsset[] => {
      const uses = (kindNamed(asset.kind).uses?.(asset.document) ?? []).filter((use) => use.relation === relation.asset.uuid);
      const named = uses.flatMap((use) => use.names).filter(({ severity }) => severity === "error").flatMap(({ kind, name }): Check[] => {
        const found = kind === "either" ? (names.get(`column ${name}`) ?? names.get(`metric ${name}`)) : names.get(`${kind} ${name}`);
        return found === undefined ? [] : [found];
      });
      const own = broken.filter(({ check }) => check.subject === "use" && check.asset.uuid === asset.uuid).map((one) => this.#item(one));
      const items = [...new Set(named)].map(({ label }) => ({ label })).filter(({ label }) => !own.some((item) => item.label === label));
      return uses.length > 0 && (whole || named.length > 0 || own.length > 0) ? [{ ...refOf(asset), items: [...own, ...items], pages: this.#pages(asset) }] : [];
    });
  }

  /** The pages that need the asset, itself included, by name. */
  #pages(asset: CompiledAsset): AssetRef[] {
    const found = new Set([asset]);
    for (const one of found) {
      this.#users.get(one.uuid)?.forEach((user) => found.add(user));
    }
    return [...found].filter(({ kind }) => kindNamed(kind).page === true).sort((a, b) => (a.name < b.name ? -1 : 1)).map(refOf);
  }
}

/**
 * What the migration drops or changes of what the dataset reads; else what it adds to that (a second column of the same name makes a name
 * ambiguous); else everything it drops or changes (a function, a type).
 */
function causesOf(relation: RelationAsset, changes: readonly CatalogChange[]): string[] {
  const isRead = ({ object }: CatalogChange): boolean => relation.tables.some((table) => nameOf(object) === table || nameOf(object).endsWith(`.${table}`));
  const harmful = changes.filter(({ before }) => before !== undefined);
  const candidates = [harmful.filter(isRead), changes.filter(isRead), harmful];
  return (candidates.find(({ length }) => length > 0) ?? []).map(changeText);
}
