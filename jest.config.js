/** Runners: `npm run test:unit` (no server), `npm run test:db` (PostgreSQL), `npm run test:e2e` (Superset and the Pulumi CLI). */
const base = {
  rootDir: __dirname,
  testEnvironment: "node",
  transform: { "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }] },
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.runtime/"],
};
module.exports = {
  coverageProvider: "v8",
  projects: [
    { ...base, displayName: "unit", testMatch: ["<rootDir>/{test,provider,compile,control,cli,stacks,local}/**/*.test.ts"], testPathIgnorePatterns: ["\\.db\\.test\\.ts$", "\\.e2e\\.test\\.ts$"] },
    { ...base, displayName: "db", testMatch: ["<rootDir>/test/**/*.db.test.ts"] },
    { ...base, displayName: "e2e", testMatch: ["<rootDir>/test/**/*.e2e.test.ts"] },
  ],
};
