/** docker-compose.yml as far as it can be checked without Docker. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
}

const repository = join(__dirname, "../..");
const text = readFileSync(join(repository, "docker-compose.yml"), "utf8");
const { services } = parse(text, { merge: true }) as { readonly services: Readonly<Record<string, Service>> };
const all = Object.values(services);
const superset = /^apache-superset==(\S+)$/m.exec(readFileSync(join(repository, "local/requirements.lock"), "utf8"))?.[1];

test("the services of the local runtime, with pinned images, Superset as in the lock file", () => {
  expect(Object.keys(services)).toEqual(["postgres", "superset-init", "superset"]);
  for (const { image } of all) {
    expect(image).toMatch(/^[\w/-]+:\d+(\.\d+)+$/);
  }
  for (const { image, build } of all.filter((service) => service.build !== undefined)) {
    expect(image).toBe(`pulumi-superset-local:${superset}`);
    expect(readFileSync(join(repository, build?.context ?? "", build?.dockerfile ?? ""), "utf8")).toMatch(new RegExp(`^FROM apache/superset:${superset}$`, "m"));
  }
});

test("ports on this machine only, and files that are there", () => {
  expect(all.flatMap(({ ports = [] }) => ports).filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  const mounted = all.flatMap(({ volumes = [] }) => volumes).flatMap((volume) => (volume.startsWith("./") ? [volume.split(":")[0] ?? ""] : []));
  expect(mounted.length).toBeGreaterThan(0);
  expect(mounted.filter((file) => !existsSync(join(repository, file)))).toEqual([]);
});

test("every secret must be given, and is one of those the file says how to make", () => {
  const made = /for name in ([\s\S]*?); do/.exec(text)?.[1]?.match(/[A-Z_]+/g) ?? [];
  const used = [...text.matchAll(/\$\{([A-Z_]*(?:PASSWORD|SECRET)[A-Z_]*)(:\?[^}]*)?\}/g)];
  expect(used.filter(([, , required]) => required === undefined).map(([whole]) => whole)).toEqual([]);
  expect([...new Set(used.map(([, name]) => name))].sort()).toEqual([...made].sort());
});
