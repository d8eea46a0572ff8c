/** The tables of rules by the plural of their kind, without the rest of the kinds. */
import type { KindRules } from "../../provider/kinds/define";
import { rules as charts } from "../../provider/kinds/chart/rules";
import { rules as dashboards } from "../../provider/kinds/dashboard/rules";
import { rules as databases } from "../../provider/kinds/database/rules";
import { rules as datasets } from "../../provider/kinds/dataset/rules";

export type Plural = "databases" | "datasets" | "charts" | "dashboards";

export const rulesOf: Readonly<Record<Plural, KindRules>> = { databases, datasets, charts, dashboards };

/** In the order in which they are imported. */
export const PLURALS: readonly Plural[] = ["databases", "datasets", "charts", "dashboards"];
