import type { Kind } from "../define";
import { author } from "./author";
import { address, facts } from "./address";
import { bundlePath, check, expand, naturalKey, references } from "./expand";
import { rules } from "./rules";
import { template } from "./schema";
import { joinSecrets, secretFields, splitSecrets } from "./secrets";

/** Database: see `schema.ts` for what people write, `rules.ts` for what counts as a difference. */
export const database: Kind = {
  name: "database",
  plural: "databases",
  resourceType: "Database",
  nameField: "database_name",
  after: [],
  template,
  expand,
  author,
  check,
  rules,
  naturalKey,
  references,
  bundlePath,
  address,
  facts,
  secretFields,
  splitSecrets,
  joinSecrets,
};
