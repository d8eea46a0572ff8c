/** Whether an error of the file system has one of these codes. Not by `instanceof`: such errors come from outside a test's realm. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === "object" && error !== null && "code" in error && codes.includes(String(error.code));
}
