import * as fc from "fast-check";
import { decodeInputs, encodeInputs, hasUnknown } from "../../provider/inputs";
import type { JsonObject } from "../../provider/json";
import { UNKNOWN } from "../../provider/resource";

describe("a form as inputs", () => {
  test("nested values are JSON text with sorted keys, others stay", () => {
    expect(encodeInputs({ slice_name: "Revenue", cache_timeout: null, published: true, params: { b: [1], a: { c: "x" } }, columns: [] })).toEqual({
      slice_name: "Revenue", cache_timeout: null, published: true, params: '{"a":{"c":"x"},"b":[1]}', columns: "[]",
    });
  });

  test("a text that looks like a nested value is not taken for one", () => {
    const form = { description: '{"a": 1}', css: "[data-x] {}", title: '"quoted"', sql: "{{ not json", empty: "" };
    expect(encodeInputs(form)["description"]).toBe('"{\\"a\\": 1}"');
    expect(decodeInputs(encodeInputs(form))).toEqual(form);
  });

  test("any form comes back as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), fc.string().map((text) => `{${text}`), fc.string().map((text) => `"${text}`))), (form) => {
        const plain = JSON.parse(JSON.stringify(form)) as JsonObject;
        expect(decodeInputs(encodeInputs(plain))).toEqual(plain);
      }),
    );
  });

  test("what is not known before an apply stays in sight", () => {
    const form = { params: { metric: UNKNOWN }, columns: [{ a: 1 }] };
    expect(encodeInputs(form)).toEqual({ params: { metric: UNKNOWN }, columns: '[{"a":1}]' });
    expect(hasUnknown(encodeInputs(form))).toBe(true);
    expect(hasUnknown(encodeInputs({ columns: [{ a: 1 }] }))).toBe(false);
  });
});
