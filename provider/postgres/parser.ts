/**
 * PostgreSQL's own grammar (libpg-query, compiled to WebAssembly) over SQL files. Loaded on first use: a run with nothing pending
 * never pays for it.
 */
import type { Problem } from "../errors";
import { isObject, type Json, type JsonObject } from "../json";
import type { SqlScript } from "./files";
import { offsetOfCharacter, positionOf, splitBySemicolon, tokens, type Range } from "./tokens";

/** Above this size (characters) a file is cut at its semicolons instead of parsed: the syntax tree of a megabyte takes half a second. */
const LARGEST_PARSED = 1_000_000;

interface Analysis {
  readonly statements: readonly Range[];
  readonly problems: readonly Problem[];
}

const cache = new WeakMap<SqlScript, Promise<Analysis>>();

function problemAt(script: SqlScript, offset: number, message: string): Problem {
  const { line, column } = positionOf(script.sql, offset);
  return { file: script.file, line: script.line + line - 1, column, message };
}

/** Things psql knows and the server does not, which a bare "syntax error" would not explain. */
function psqlProblem(script: SqlScript): Problem | undefined {
  for (const { start, end } of splitBySemicolon(script.sql)) {
    if (/^copy\b[^]*\bfrom\s+(?:stdin|program\s+stdin)\b/i.test(script.sql.slice(start, Math.min(end, start + 2_000)))) {
      return problemAt(script, start, "COPY … FROM stdin is fed by psql and cannot be run here; write INSERT statements");
    }
  }
  for (const { kind, start } of tokens(script.sql)) {
    if (kind === "symbol" && script.sql[start] === "\\") {
      const command = /^\\\S*/.exec(script.sql.slice(start))?.[0] ?? "\\";
      return problemAt(script, start, `'${command}' is a command of psql, not SQL; take it out`);
    }
  }
  return undefined;
}

function hasConcurrently(list: Json | undefined): boolean {
  return Array.isArray(list) && list.some((entry: Json) => isObject(entry) && isObject(entry["DefElem"]) && entry["DefElem"]["defname"] === "concurrently");
}

function detachesConcurrently(node: JsonObject): boolean {
  const commands = node["cmds"];
  return Array.isArray(commands) && commands.some((entry: Json) => {
    const command = isObject(entry) ? entry["AlterTableCmd"] : undefined;
    const definition = isObject(command) && isObject(command["def"]) ? command["def"]["PartitionCmd"] : undefined;
    return isObject(definition) && definition["concurrent"] === true;
  });
}

/** Name of a statement PostgreSQL refuses inside a transaction block; undefined for all others. */
function outsideTransaction(type: string, node: JsonObject): string | undefined {
  switch (type) {
    case "IndexStmt": return node["concurrent"] === true ? "CREATE INDEX CONCURRENTLY" : undefined;
    case "DropStmt": return node["concurrent"] === true ? "DROP INDEX CONCURRENTLY" : undefined;
    case "ReindexStmt": return hasConcurrently(node["params"]) ? "REINDEX CONCURRENTLY" : undefined;
    case "AlterTableStmt": return detachesConcurrently(node) ? "DETACH PARTITION CONCURRENTLY" : undefined;
    case "VacuumStmt": return node["is_vacuumcmd"] === true ? "VACUUM" : undefined;
    case "CreatedbStmt": return "CREATE DATABASE";
    case "DropdbStmt": return "DROP DATABASE";
    case "AlterSystemStmt": return "ALTER SYSTEM";
    case "CreateTableSpaceStmt": return "CREATE TABLESPACE";
    case "DropTableSpaceStmt": return "DROP TABLESPACE";
    default: return undefined;
  }
}

const TRANSACTION_CONTROL = new Map([
  ["TRANS_STMT_BEGIN", "BEGIN"], ["TRANS_STMT_START", "START TRANSACTION"], ["TRANS_STMT_COMMIT", "COMMIT"], ["TRANS_STMT_ROLLBACK", "ROLLBACK"],
  ["TRANS_STMT_PREPARE", "PREPARE TRANSACTION"], ["TRANS_STMT_COMMIT_PREPARED", "COMMIT PREPARED"], ["TRANS_STMT_ROLLBACK_PREPARED", "ROLLBACK PREPARED"],
]);

function statementProblem(script: SqlScript, start: number, statement: JsonObject): Problem | undefined {
  const [type, node] = Object.entries(statement)[0] ?? [];
  if (type === undefined || !isObject(node)) {
    return undefined;
  }
  if (type === "CopyStmt" && node["is_from"] === true && node["filename"] === undefined) {
    return problemAt(script, start, "COPY … FROM stdin is fed by psql and cannot be run here; write INSERT statements");
  }
  if (!script.transaction) {
    return undefined;
  }
  const control = type === "TransactionStmt" ? TRANSACTION_CONTROL.get(String(node["kind"])) : undefined;
  if (control !== undefined) {
    return problemAt(script, start, `${control} would end or nest the transaction the file runs in; take it out, or mark the file transaction:false`);
  }
  const outside = outsideTransaction(type, node);
  return outside === undefined ? undefined
    : problemAt(script, start, `${outside} cannot run inside a transaction; put it into a file of its own marked transaction:false`);
}

/** Byte offsets of the parser → UTF-16 offsets. Most files are ASCII, where the two are the same. */
function byteOffsets(text: string): (byte: number) => number {
  const bytes = Buffer.from(text, "utf8");
  return bytes.length === text.length ? (byte) => byte : (byte) => bytes.toString("utf8", 0, byte).length;
}

async function analyse(script: SqlScript): Promise<Analysis> {
  if (script.sql.length > LARGEST_PARSED) {
    const problem = psqlProblem(script);
    return { statements: splitBySemicolon(script.sql), problems: problem === undefined ? [] : [problem] };
  }
  const parser = require("libpg-query") as typeof import("libpg-query");
  await parser.loadModule();
  let trees: readonly { readonly stmt?: unknown; readonly stmt_location?: number; readonly stmt_len?: number }[];
  try {
    trees = parser.parseSync(script.sql).stmts ?? [];
  } catch (error) {
    if (!parser.hasSqlDetails(error) || error.sqlDetails === undefined) {
      throw error;
    }
    const { message, cursorPosition } = error.sqlDetails;
    const problem = psqlProblem(script) ?? problemAt(script, offsetOfCharacter(script.sql, Math.max(0, cursorPosition)), `${message}; correct the SQL`);
    return { statements: [], problems: [problem] };
  }
  const offset = byteOffsets(script.sql);
  const statements = trees.map(({ stmt_location: start = 0, stmt_len: length }) => ({
    start: offset(start),
    // The parser gives no length to a last statement without semicolon.
    end: length === undefined ? (splitBySemicolon(script.sql).at(-1)?.end ?? script.sql.length) : offset(start + length),
  }));
  const problems = trees.flatMap(({ stmt }, index) => (isObject(stmt) ? (statementProblem(script, statements[index]?.start ?? 0, stmt) ?? []) : []));
  return { statements, problems };
}

function analysis(script: SqlScript): Promise<Analysis> {
  let result = cache.get(script);
  if (result === undefined) {
    result = analyse(script);
    cache.set(script, result);
  }
  return result;
}

/** What PostgreSQL's parser refuses, and what cannot run in the way the file is run. */
export async function checkScripts(scripts: readonly SqlScript[]): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const script of scripts) {
    problems.push(...(await analysis(script)).problems);
  }
  return problems;
}

/** The statements of a script that `checkScripts` found nothing wrong with. */
export async function statementsOf(script: SqlScript): Promise<readonly Range[]> {
  return (await analysis(script)).statements;
}
