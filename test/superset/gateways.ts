/** What the tests of the gateway against a real Superset share. */
import { Gateway, type Connection } from "../../provider/superset/gateway";
import type { RetryPolicy } from "../../provider/superset/retry";
import type { TestSuperset } from "../helpers/runtime";
import { database, dataset, PASSWORD, writing } from "./assets";

export const IMPORT = "POST /api/v1/assets/import/";

/** What nothing that people read may hold. A test file adds the password of its server. */
export const secrets = new Set([PASSWORD]);

/** A gateway to the server as its administrator; `over`: another address or account. */
export function gatewayTo(server: TestSuperset, log: (line: string) => void = () => undefined, over: Partial<Connection> = {}, retry?: Partial<RetryPolicy>): Gateway {
  return new Gateway({ url: server.url, username: server.username, password: server.password, ...over }, log, retry);
}

/** Writes the database and the dataset that charts are made on. */
export async function base(one: Gateway): Promise<void> {
  await one.write(writing("database", database()));
  await one.write(writing("dataset", dataset()));
}

/** The error of a call that must fail. */
export async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: unknown) => {
      expectNoSecret(`${(error as Error).message} ${String((error as Error).stack)} ${JSON.stringify(error)}`);
      return error as Error;
    },
  );
}

/** None of `secrets` is in the text. */
export function expectNoSecret(text: string): void {
  for (const secret of secrets) {
    expect(text).not.toContain(secret);
  }
}
