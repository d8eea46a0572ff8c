/** Writing documents down as templates and reading them again, without files. */
import { isObject, type JsonObject } from "../../provider/json";
import type { AuthorContext, CanonicalContext, ExpandContext, ExportDocument, Kind } from "../../provider/kinds/define";
import { kinds } from "../../provider/kinds/registry";
import { schemaProblems } from "../../compile/validate";

/** A document and its kind. */
export interface Subject {
  readonly kind: Kind;
  readonly document: ExportDocument;
}

/** Names, as templates use them, of all these documents. */
export function authoring(subjects: readonly Subject[]): Authoring {
  return new Authoring(subjects);
}

class Authoring {
  readonly #uuids = new Map<string, string[]>();
  readonly #documents = new Map<string, ExportDocument>();

  constructor(subjects: readonly Subject[]) {
    for (const { kind, document } of subjects) {
      const name = `${kind.name} ${String(document[kind.nameField])}`;
      this.#uuids.set(name, [...(this.#uuids.get(name) ?? []), String(document["uuid"])]);
      this.#documents.set(String(document["uuid"]), document);
    }
  }

  /** The authoring form, and what was noted of it. */
  author(kind: Kind, document: ExportDocument, canonical: CanonicalContext, secret?: string): { readonly template: JsonObject; readonly notes: readonly string[] } {
    const notes: string[] = [];
    const context: AuthorContext = {
      ...canonical,
      reference: (other, uuid) => {
        const name = String(this.#documents.get(uuid)?.[kinds.find((one) => one.name === other)?.nameField ?? ""]);
        return this.#uuids.get(`${other} ${name}`)?.length === 1 ? name : undefined;
      },
      secret: (_, mask) => secret ?? mask,
      note: (path, message) => notes.push(`${path.join(".")}: ${message}`),
    };
    return { template: kind.author(document, context), notes };
  }

  /** What the compiler makes of a template; fails where it finds a problem. */
  expand(kind: Kind, template: JsonObject): ExportDocument {
    const problems = schemaProblems(kind.template, template).map(({ message }) => message);
    const context: ExpandContext = {
      resolve: (other, reference, path) => {
        const found = this.#documents.has(reference) ? [reference] : (this.#uuids.get(`${other} ${reference}`) ?? []);
        if (found.length !== 1) problems.push(`${path.join(".")}: '${reference}' names ${found.length} ${other}s`);
        return found[0];
      },
      document: (_, uuid) => this.#documents.get(uuid),
      problem: (path, message, severity) => { if (severity !== "warning") problems.push(`${path.join(".")}: ${message}`); },
    };
    const document = kind.expand(template, String(template["uuid"]), context);
    if (problems.length > 0) throw new Error(`${String(template[kind.nameField])}: ${problems.join("\n")}\n${JSON.stringify(template, null, 1)}`);
    return document;
  }
}

/** Whether a template has a value that no person would write: a server's number, or what the kind has by default. */
export function noise(template: JsonObject): string[] {
  const found: string[] = [];
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) value.forEach((item, index) => walk(item, `${path}[${index}]`));
    if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (["id", "slice_id", "chartId", "datasource_id", "datasetId", "query_context", "parents"].includes(key) && !(key === "id" && typeof item === "string")) found.push(`${path}.${key}`);
        walk(item, `${path}.${key}`);
      }
    }
  };
  walk(template, "");
  return found;
}
