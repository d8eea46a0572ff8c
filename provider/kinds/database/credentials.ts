/** Credentials by the names that drivers give them: everybody who may see the database would read them in its address or in `extra`. */

/** What Superset's export shows in place of a password (superset/constants.py: PASSWORD_MASK). */
const MASK = "XXXXXXXXXX";

/**
 * Whole names, in lower case with `_`, of SQLAlchemy's dialects and of ODBC. Not those that say where or how (`token_url`, `private_key_file`,
 * `sslkey`), nor who (`aws_access_key_id`).
 */
const NAMES: readonly RegExp[] = [
  /^\w*(?:password|passwd|passphrase|passcode)$/,
  /^(?:\w*_)?(?:pwd|token|authorization|jwt)$/,
  /^(?:access|api|auth|bearer|id|oauth|refresh|sas|security|session)token$/,
  /^(?:\w*_)?(?:account|api|auth|private)_?key$/,
  /^\w*secret\w*$/,
  /^credentials_(?:base64|info|json)$/,
];
/** Names of the kind `client_request_mfa_token` may also be switches. */
const SWITCH = /^(?:true|false|yes|no|on|off|none|null|[01])$/i;

/** Whether a setting of that name and value is a credential. */
export function isCredential(name: string, value: string): boolean {
  const plain = name.trim().toLowerCase().replace(/[-\s.]+/g, "_");
  return value !== "" && value !== MASK && !SWITCH.test(value) && NAMES.some((pattern) => pattern.test(plain));
}

/** Names of the parameters in a URI's query that hold credentials; `odbc_connect: PWD` for one inside a connection text of ODBC. */
export function secretParameters(uri: string): readonly string[] {
  const query = /^[^?]*\?(.*)$/s.exec(uri)?.[1] ?? "";
  return pairs(query, /[&;]/).flatMap(([name, value]) => {
    if (name.toLowerCase() === "odbc_connect") {
      return pairs(value, ";").flatMap(([inner, text]) => (isCredential(inner, text.replace(/^\{(.*)\}$/s, "$1")) ? [`${name}: ${inner}`] : []));
    }
    return isCredential(name, value) ? [name] : [];
  });
}

function pairs(text: string, separator: string | RegExp): [name: string, value: string][] {
  return text.split(separator).map((part) => {
    const equals = part.indexOf("=");
    return equals < 0 ? [part, ""] : [decoded(part.slice(0, equals)).trim(), decoded(part.slice(equals + 1)).trim()];
  });
}

/** Percent-encoded text; as it is where it is none. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
