import { compareCases } from "../helpers/forms";
import { rulesOf } from "../helpers/rules";

const base = { database_name: "d", uuid: "u", sqlalchemy_uri: "postgresql://u:p@h/x", extra: {}, version: "1.0.0" };

compareCases("databases", base, [
  ["the password is not compared", { sqlalchemy_uri: "postgresql://u:secret@h/x" }, { sqlalchemy_uri: "postgresql://u:XXXXXXXXXX@h/x" }],
  ["a password with an @ is not compared", { sqlalchemy_uri: "postgresql://u:a@b@h/x" }, { sqlalchemy_uri: "postgresql://u:XXXXXXXXXX@h/x" }],
  ["a user without a password is another connection", { sqlalchemy_uri: "postgresql://u@h/x" }, { sqlalchemy_uri: "postgresql://u:p@h/x" },
    [{ path: "sqlalchemy_uri", before: "postgresql://u@h/x", after: "postgresql://u:XXXXXXXXXX@h/x" }]],
  ["the order of the URI's query is noise", { sqlalchemy_uri: "postgresql://h/x?b=2&a=1&c=" }, { sqlalchemy_uri: "postgresql://h/x?a=1&b=2" }],
  ["a host is an edit", {}, { sqlalchemy_uri: "postgresql://u:p@other/x" }, [{ path: "sqlalchemy_uri", before: "postgresql://u:XXXXXXXXXX@h/x", after: "postgresql://u:XXXXXXXXXX@other/x" }]],
  ["secrets beside the URI are not compared", {}, { password: "p", encrypted_extra: "{}", masked_encrypted_extra: "{}" }],
  ["filled defaults are noise", {}, { allow_csv_upload: true, allow_cvas: false, allow_dml: false, allow_run_async: false, configuration_method: "sqlalchemy_form", impersonate_user: false, expose_in_sqllab: true, cache_timeout: null }],
  ["both spellings of uploads", { allow_file_upload: false }, { allow_csv_upload: false }],
  ["both spellings of schemas for uploads, also as text", { extra: { schemas_allowed_for_file_upload: ["a"] } }, { extra: { schemas_allowed_for_csv_upload: '["a"]' } }],
  ["extra as JSON text, with the server's version and empty members", { extra: { engine_params: { connect_args: { a: 1 } } } }, { extra: '{"engine_params":{"connect_args":{"a":1}},"version":"16","metadata_params":{}}' }],
  ["switches of extra at their default", { extra: { allows_virtual_table_explore: true, cost_estimate_enabled: false } }, {}],
  ["switches of extra not at their default", { extra: { allows_virtual_table_explore: false } }, {}, [{ path: "extra", before: { allows_virtual_table_explore: false } }]],
  ["a tunnel's secrets are not compared, its server is", { ssh_tunnel: { server_address: "a", server_port: 22, password: "XXXXXXXXXX" } }, { ssh_tunnel: { server_address: "b", server_port: 22, private_key: "k" } },
    [{ path: "ssh_tunnel.server_address", before: "a", after: "b" }]],
  ["a cache timeout of 0 is one", {}, { cache_timeout: 0 }, [{ path: "cache_timeout", after: 0 }]],
]);

test("every key is written, and no secret", () => {
  const form = rulesOf.databases.canonical({ ...base, password: "p" }, { database: () => undefined, chartUuid: () => undefined });
  expect(rulesOf.databases.wire(form, { chartId: () => undefined })).toEqual({
    database_name: "d", uuid: "u", sqlalchemy_uri: "postgresql://u:XXXXXXXXXX@h/x", extra: {}, version: "1.0.0", cache_timeout: null, expose_in_sqllab: true, allow_run_async: false,
    allow_ctas: false, allow_cvas: false, allow_dml: false, allow_csv_upload: true, impersonate_user: false, configuration_method: "sqlalchemy_form",
  });
});
