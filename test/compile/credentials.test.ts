import { isCredential, secretParameters } from "../../provider/kinds/database/credentials";
import { problemsOf, removeProjects } from "./project";

afterAll(removeProjects);

const uri = (query: string): string => `x+y://u@h:1/d?${query}`;

test.each([
  "password", "Password", "sslpassword", "user_passwd", "pwd", "private_key_file_pwd", "passphrase", "private_key_passphrase", "passcode", "client_secret", "aws_secret_access_key", "secret", "token", "access_token", "accessToken",
  "aws_session_token", "sas-token", "personal_access_token", "api_key", "apikey", "x-api-key", "account_key", "authorization", "proxy_authorization", "private_key", "privateKey", "jwt", "credentials_base64", "credentials_json",
])("'%s' in an address is a credential", (name) => {
  expect(secretParameters(uri(`sslmode=require&${name}=abc`))).toEqual([name]);
  expect(secretParameters(uri(`${name}=`))).toEqual([]);
  expect(secretParameters(uri(`${name}=XXXXXXXXXX`))).toEqual([]);
  expect(secretParameters(uri(`${name}=true`))).toEqual([]);
});

test.each([
  "token_url", "token_endpoint", "tokenizer", "token_type", "api_key_id", "api_keyspace", "authorization_url", "authorizationserver", "private_key_file", "private_key_path", "sslkey", "sslrootcert", "aws_access_key_id", "authenticator", "auth", "user",
  "keyspace", "primary_key", "key", "passfile", "warehouse", "role", "pwdx", "credentials_path",
])("'%s' is none", (name) => {
  expect(secretParameters(uri(`${name}=abc`))).toEqual([]);
});

test.each([
  ["odbc_connect=DRIVER%3D%7BODBC+Driver+18%7D%3BSERVER%3Dh%3BUID%3Du%3BPWD%3Dhunter2", ["odbc_connect: PWD"]],
  ["odbc_connect=Driver={x};Server=h;Pwd={hun;ter2}", ["Pwd"]],
  ["odbc_connect=DRIVER%3Dx%3BAccess+Token%3Dabc%3BTrustServerCertificate%3Dyes", ["odbc_connect: Access Token"]],
  ["ODBC_CONNECT=DRIVER%3Dx%3BPassword%3D%7Bp%7D", ["ODBC_CONNECT: Password"]],
  ["odbc_connect=DRIVER%3Dx%3BUID%3Du%3BPWD%3D%3BTrusted_Connection%3Dyes", []],
  ["pass%77ord=abc&a=%zz", ["password"]],
  ["authorization=Basic%20a%3D%3D&token=a=b", ["authorization", "token"]],
])("%s", (query, expected) => {
  expect(secretParameters(uri(query))).toEqual(expected);
});

test("names outside of addresses, as in `extra`", () => {
  expect([isCredential("Authorization", "Bearer x"), isCredential("X-Api-Key", "x"), isCredential("token", "false"), isCredential("content-type", "x")]).toEqual([true, true, false, false]);
});

test("a database with one in its address does not compile", () => {
  const file = "assets/databases/d.yaml";
  const where = "in its query, where Superset shows it to everybody; write it as the password (user:password@host), or into 'encrypted_extra'";
  expect(problemsOf({ [file]: 'database_name: d\nsqlalchemy_uri: "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dhunter2&token=abc&token_url=https://h"\n' })).toEqual([
    `${file}:2:17: 'sqlalchemy_uri' holds 'odbc_connect: PWD' ${where}`, `${file}:2:17: 'sqlalchemy_uri' holds 'token' ${where}`,
  ]);
});
