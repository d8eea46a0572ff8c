import { providerText, TYPE_PREFIX } from "../../provider/text";

// Persisted in every stack's state: a change here breaks refresh and destroy of what exists. See FORMATS.md.
test("the provider text is frozen", () => {
  expect(providerText("chart")).toBe(
    'exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-superset/runtime").provider("chart");',
  );
  expect(TYPE_PREFIX).toBe("pulumi-nodejs:dynamic/superset:");
});
