// Import boundaries are part of the design: see docs/architecture.md.
import tseslint from "typescript-eslint";

const restrict = (files, ignores, patterns) => ({
  files,
  ignores,
  rules: { "no-restricted-imports": ["error", { patterns }] },
});
const boundary = (group, message) => ({ group, message });
const pulumi = boundary(["@pulumi/*"], "Only what runs in a Pulumi program, through provider/sdk.ts; and control/engine.ts.");
const wholeSdk = boundary(["@pulumi/pulumi", "@pulumi/pulumi/*"], "Through provider/sdk.ts, which loads a third of it.");
const axios = boundary(["axios"], "Only provider/superset/http.ts talks HTTP.");
const nunjucks = boundary(["nunjucks", "nunjucks/*"], "Only the files of compile/ that render.");
const pg = boundary(["pg", "pg-*"], "Only provider/postgres/ talks to PostgreSQL.");
const octokit = boundary(["@octokit/*"], "Only control/forge/ talks to GitHub.");

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", ".runtime/", "coverage/", "bundles/"] },
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { project: "./tsconfig.json", tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/no-misused-promises": "error",
      "@typescript-eslint/await-thenable": "error",
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      // `require` inside a function loads what most runs do without; see style rule 9.
      "@typescript-eslint/no-require-imports": "off",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-console": "error",
      eqeqeq: "error",
    },
  },
  restrict(
    ["**/*.ts"],
    ["provider/sdk.ts", "stacks/**", "provider/superset/http.ts", "control/engine.ts", "control/run-report.ts", "control/forge/**", "compile/**", "provider/postgres/**", "test/**", "bench/**"],
    [pulumi, axios, nunjucks, pg, octokit],
  ),
  restrict(["control/forge/**/*.ts"], [], [pulumi, axios, nunjucks, pg]),
  restrict(["provider/superset/http.ts"], [], [pulumi, nunjucks, pg]),
  restrict(["compile/**/*.ts"], [], [pulumi, axios, pg]),
  restrict(["provider/postgres/**/*.ts"], [], [pulumi, axios, nunjucks]),
  restrict(["stacks/**/*.ts"], [], [wholeSdk, axios, nunjucks, pg]),
  // Pulumi's Automation API, which only applying needs; the report names its types alone.
  restrict(["control/engine.ts", "control/run-report.ts"], [], [axios, nunjucks, pg]),
  restrict(["provider/sdk.ts"], [], [axios, nunjucks, pg]),
);
