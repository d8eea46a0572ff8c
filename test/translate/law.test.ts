/** The law, over many assets and edits: the repository's own templates. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { compile } from "../../compile";
import { translate, type TranslateTarget } from "../../compile/translate";
import { canonicalForms } from "../../provider/forms";
import { mutate, mutations, type Mutation } from "./mutations";
import { expectLaw, filesOf, type Form, removeRepositories, repository } from "./repository";

afterAll(removeRepositories);

const ROOT = join(__dirname, "../..");
const own = (): Record<string, string> => Object.fromEntries([
  ...["Pulumi.yaml", "Pulumi.dev.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yaml"].map((file) => [file, readFileSync(join(ROOT, file), "utf8")] as const),
  ...[...filesOf(join(ROOT, "assets"))].map(([file, text]) => [`assets/${file}`, text] as const),
]);
const NONE = Object.fromEntries(["databases/warehouse.yaml.j2", "datasets/sales.yaml.j2", "charts/revenue.yaml", "dashboards/overview.yaml"].map((file) => [`assets/${file}`, undefined]));

/** What the environment is to be after the edits. */
function targetsOf(root: string, list: readonly Mutation[]): Map<string, TranslateTarget> {
  const { assets } = compile({ root, environment: "dev" });
  const forms = canonicalForms(assets);
  const targets = new Map<string, TranslateTarget>();
  for (const mutation of list) {
    const { uuid, kind } = assets[mutation.asset % assets.length]!;
    const form = structuredClone(targets.get(uuid)?.form ?? forms.get(uuid)) as Form;
    mutate(kind, form, mutation);
    targets.set(uuid, { kind, form });
  }
  return targets;
}

function keepsTheLaw(root: string, list: readonly Mutation[]): ReturnType<typeof translate> {
  const targets = targetsOf(root, list);
  const translation = translate({ root, environment: "dev", targets });
  expectLaw(root, translation, targets, "dev");
  return translation;
}

test("of the example's templates", () => {
  const root = repository({ ...NONE, ...own() });
  let [all, done] = [0, 0];
  fc.assert(fc.property(mutations(4), (list) => {
    const translation = keepsTheLaw(root, list);
    done += translation.done.length;
    all += translation.done.length + translation.remaining.length;
  }), { numRuns: Number(process.env["RUNS"] ?? 40), seed: Number(process.env["SEED"] ?? Date.now()) });
  process.stdout.write(`${done} of ${all} assets carried over\n`);
}, 600_000);
