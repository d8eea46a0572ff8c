/** From the form that an environment's asset is to have to what its template is to say. */
import { changedPaths, type FieldChange } from "../../provider/canonical";
import type { Problem } from "../../provider/errors";
import { formContext } from "../../provider/forms";
import type { JsonObject } from "../../provider/json";
import { NO_SERVER } from "../../provider/kinds/fields";
import type { Canonical, RewriteContext } from "../../provider/kinds/define";
import { transplant } from "../../provider/transplant";
import type { Compilation, Draft } from "../compilation";
import type { Naming } from "./naming";
import { errorsOf } from "./session";

/** What a template is to say. */
export interface Rewritten {
  /** The template with that mapping in its place. */
  readonly draft: Draft;
  /** In what its form still differs from the one that is wanted. */
  readonly remaining: readonly FieldChange[];
  /** What could not be kept. */
  readonly notes: readonly Problem[];
}

/** In what a form differs from the one that is wanted, where only what counts next to it is compared. */
export function remainingIn(draft: Draft, compilation: Compilation, wanted: Canonical): readonly FieldChange[] {
  const { rules } = draft.template.kind;
  const form = compilation.form(draft);
  return form === undefined ? changedPaths({}, wanted) : changedPaths(form, rules.relevant(wanted, form));
}

/**
 * The mapping nearest to what the template says whose form is the wanted one: members that did not change stay as they are written, and where
 * an edit cannot be carried over member by member, the whole field is as Superset exports it.
 */
export function rewrite(compilation: Compilation, naming: Naming, draft: Draft, wanted: Canonical): Rewritten {
  const { kind } = draft.template;
  const form = compilation.form(draft) ?? {};
  const notes: Problem[] = [];
  const context: RewriteContext = {
    resolve: (other, text) => compilation.resolve(other, text),
    name: (other, uuid, like) => naming.name(other, uuid, like),
    document: (other, uuid) => compilation.document(other, uuid),
    expand: (value) => {
      const attempted = compilation.attemptValue(draft.template, value);
      return errorsOf(attempted).length === 0 ? attempted.document : undefined;
    },
    tell: (path, message) => notes.push({ ...draft.template.locate(path, true), severity: "warning", message }),
  };
  const value = kind.rewrite?.(draft.value, form, wanted, context) ?? (transplant(draft.value, form, wanted) as JsonObject);
  const fine = attempt(compilation, draft, value, wanted);
  if (fine.remaining.length === 0) {
    return { ...fine, notes };
  }
  const whole: JsonObject = {
    ...kind.rules.wire(wanted, NO_SERVER),
    ...kind.author(wanted, { ...formContext((uuid) => compilation.documentOf(uuid)), reference: (other, uuid) => naming.name(other, uuid), secret: (_, mask) => mask, note: context.tell }),
  };
  const edited = new Set(changedPaths(form, wanted).map(fieldOf));
  const fields = new Set(fine.remaining.map(fieldOf).filter((field) => edited.has(field)));
  const entries = Object.entries(value).filter(([field]) => !fields.has(field));
  const coarse = attempt(compilation, draft, { ...Object.fromEntries(entries), ...Object.fromEntries([...fields].flatMap((field) => (wanted[field] === undefined || whole[field] === undefined ? [] : [[field, whole[field]]]))) }, wanted);
  return { ...(coarse.remaining.length < fine.remaining.length ? coarse : fine), notes };
}

/** The field of the form that a change is in. */
function fieldOf({ path }: FieldChange): string {
  return /^[^.[]+/.exec(path)?.[0] ?? path;
}

function attempt(compilation: Compilation, draft: Draft, value: JsonObject, wanted: Canonical): Omit<Rewritten, "notes"> {
  const attempted = compilation.attemptValue(draft.template, value);
  return { draft: attempted, remaining: remainingIn(attempted, compilation, wanted) };
}
