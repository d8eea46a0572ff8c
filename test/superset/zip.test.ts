import { zipSync } from "fflate";
import { readZip, writeZip } from "../../provider/superset/zip";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

test("the same files make the same bytes, below one root, and are read back", () => {
  const files = new Map([["metadata.yaml", "version: 1.0.0\n"], ["charts/a.yaml", "x: ü\n"]]);
  const zip = writeZip(files);
  expect(Buffer.from(zip).equals(Buffer.from(writeZip(files)))).toBe(true);
  expect([...readZip(zip)].map(([path, content]) => [path, text(content)])).toEqual([["metadata.yaml", "version: 1.0.0\n"], ["charts/a.yaml", "x: ü\n"]]);
});

test("files other than YAML are not unpacked", () => {
  expect([...readZip(zipSync({ "e/a.yaml": bytes("a: 1"), "e/b.txt": bytes("b") })).keys()]).toEqual(["a.yaml"]);
});

test.each([
  ["many entries", () => readZip(zipSync({ "e/a.yaml": bytes("a"), "e/b.yaml": bytes("b") }), { maxEntries: 1 }), "it has more than 1 entries"],
  ["a large entry", () => readZip(zipSync({ "e/a.yaml": bytes("a".repeat(200)) }), { maxEntryBytes: 100 }), "e/a.yaml unpacks to 200 bytes, more than 100"],
  ["a large whole", () => readZip(zipSync({ "e/a.yaml": bytes("a".repeat(80)), "e/b.yaml": bytes("b".repeat(80)) }), { maxTotalBytes: 100 }), "it unpacks to more than 100 bytes"],
  ["a bomb", () => readZip(zipSync({ "e/a.yaml": new Uint8Array(3_000_000) })), "e/a.yaml is packed more than 200 : 1"],
  ["a path out of its folder", () => readZip(zipSync({ "e/../../etc/a.yaml": bytes("a") })), 'the path "e/../../etc/a.yaml" leaves its folder'],
  ["an absolute path", () => readZip(zipSync({ "/etc/a.yaml": bytes("a") })), 'the path "/etc/a.yaml" leaves its folder'],
])("refused: %s", (_name, read, problem) => {
  expect(read).toThrow(`The ZIP that Superset sent is refused: ${problem}.`);
});

test("what is no ZIP", () => {
  expect(() => readZip(bytes("<html>"))).toThrow("Superset's export is not a readable ZIP file.");
});

test("what would pack better than Superset accepts is stored", () => {
  const zip = writeZip(new Map([["a.yaml", " ".repeat(1_000_000)]]));
  expect(zip.length).toBeGreaterThan(1_000_000);
});
