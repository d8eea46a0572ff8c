/**
 * The provider text: what Pulumi stores as `__provider` in inputs and outputs of every dynamic resource, and evaluates in its
 * dynamic-provider process. `pulumi.dynamic.Resource` makes it by serialising a closure: 2 kB twice per resource, and a second for
 * loading the TypeScript compiler. One line that loads this package does the same, and is the same text whatever compiled it.
 *
 * Persisted: refresh and destroy of existing state evaluate it. FORMATS.md holds the contract, `test/provider/text.test.ts` keeps it.
 */

/** Type tokens of our resources begin with this. Persisted. */
export const TYPE_PREFIX = "pulumi-nodejs:dynamic/superset:";

/**
 * The text for a kind. The process evaluates it without a file name, in the directory of the program's `main`; a `require` made for
 * that directory finds the package in `node_modules`, and also from inside the package's own repository.
 */
export function providerText(kind: string): string {
  return `exports.handler = () => require("module").createRequire(process.cwd() + "/_")("pulumi-superset/runtime").provider(${JSON.stringify(kind)});`;
}
