/** Whose credential a request carries: this bottle's, somebody else's or none. */
import { credentialHeaders } from "./bound-headers.ts";
import type { Header } from "./bound-headers.ts";

/** What counts as this bottle's at one host. */
export interface OwnCredentials {
  /** Placeholders of secrets that are bound to the host, and values that the manifest puts into the bottle */
  readonly texts: ReadonlySet<string>;
  /** Placeholders that are worth nothing at the host; whoever sends one is told otherwise */
  readonly worthless: ReadonlySet<string>;
  /** `name=value` as the host has set it in this session */
  hasCookie(pair: string): boolean;
}

export interface CredentialLook {
  /** Where the first foreign one is: `header authorization`, `query access_token`; undefined if there is none */
  readonly foreign: string | undefined;
  readonly hasOwn: boolean;
}

/** A header is known by its last word where no list has it; underscores were read as hyphens before */
const namedForOne =
  /(?:^|-)(?:token|api-?key|apikey|access-?key|secret|password|passwd|authorization|authentication|credentials?|session-?id|jwt|pat|otp)s?$/;
/** Not about who asks */
const harmless = /(?:^|-)(?:csrf|xsrf|csp|cancel|continuation|page|sync|upload|idempotency)-?(?:token|key)$/;
/** Credentials as a whole: nothing in them can be compared */
const signed: ReadonlySet<string> = new Set(["signature", "x-ssh-certificate"]);
const queryNames: ReadonlySet<string> = new Set([
  "access_token",
  "api_key",
  "apikey",
  "auth_token",
  "job_token",
  "oauth_token",
  "private_token",
]);
/** By their beginning, as their providers document it; long enough for no word to be one */
const shape =
  /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9_.-]{20,}|github_pat_[A-Za-z0-9_]{22,}|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|oas)-[A-Za-z0-9_.=-]{16,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{50,}|rubygems_[0-9a-f]{40,}|cio[A-Za-z0-9]{32}|dckr_[a-z]{3}_[A-Za-z0-9_-]{20,}|sk-ant-[A-Za-z0-9_-]{20,}|sk-(?:proj-)?[A-Za-z0-9_-]{32,}|xox[abeoprs]-[A-Za-z0-9-]{10,}|(?:AKIA|ASIA)[A-Z2-7]{16}|hf_[A-Za-z0-9]{30,}|ya29\.[A-Za-z0-9_-]{20,})/g;
const schemeAndToken = /^([A-Za-z][A-Za-z0-9_-]*) +([\x21-\x7e]+)$/;

/** Looks at headers and query. `query` is what stands behind the question mark. */
export function lookForCredentials(
  headers: readonly Header[],
  query: string,
  own: OwnCredentials,
): CredentialLook {
  let foreign: string | undefined;
  let hasOwn = false;
  for (const [name, value] of headers) {
    const key = name.toLowerCase().replaceAll("_", "-");
    const whose = judgeHeader(key, value.trim(), own);
    if (whose === "own") hasOwn = true;
    if (whose === "foreign") foreign ??= `header ${key.slice(0, 80)}`;
  }
  const inQuery = judgeQuery(query, own);
  return { foreign: foreign ?? inQuery.foreign, hasOwn: hasOwn || inQuery.hasOwn };
}

/** True if a text, such as the body of a login call, has a token that is not this bottle's. */
export function hasForeignShape(text: string, own: OwnCredentials): boolean {
  return [...text.matchAll(shape)].some(([found]) => !own.texts.has(found));
}

type Whose = "own" | "foreign" | "none";

function judgeHeader(key: string, value: string, own: OwnCredentials): Whose {
  if (value === "") return "none";
  if (key === "cookie" || key === "cookie2") return judgeCookies(value, own);
  if (key === "authorization" || key.endsWith("-authorization")) return judgeAuthorization(value, own);
  if (signed.has(key)) return "foreign";
  const isNamed = credentialHeaders.has(key) || (namedForOne.test(key) && !harmless.test(key));
  return isNamed ? judgeText(value, own) : "none";
}

function judgeText(text: string, own: OwnCredentials): Whose {
  if (own.texts.has(text)) return "own";
  return own.worthless.has(text) ? "none" : "foreign";
}

function judgeCookies(value: string, own: OwnCredentials): Whose {
  const pairs = value.split(";").map((one) => one.trim());
  return pairs.every((pair) => pair === "" || own.hasCookie(pair)) ? "none" : "foreign";
}

function judgeAuthorization(value: string, own: OwnCredentials): Whose {
  const [, scheme = "", token = ""] = schemeAndToken.exec(value) ?? [];
  if (scheme === "") return judgeText(value, own);
  if (scheme.toLowerCase() !== "basic") return judgeText(token, own);
  const decoded = Buffer.from(token, "base64").toString("latin1");
  const at = decoded.indexOf(":");
  if (at < 0) return judgeText(decoded, own);
  const [user, password] = [decoded.slice(0, at), decoded.slice(at + 1)];
  const [first, second] = [user, password].map((part) => judgeText(part, own));
  // Servers take a token from either field, and the other one may be any name
  const other = first === "own" ? password : user;
  if (first === "own" && second === "own") return "own";
  if (first === "own" || second === "own") return isAnyName(other) ? "own" : "foreign";
  const isWorthless =
    (first === "none" || second === "none") && isAnyName(first === "none" ? password : user);
  return isWorthless ? "none" : "foreign";
}

/** `x-access-token`, `oauth2`, `git`, `x`: nothing that could be a password or a token itself */
function isAnyName(text: string): boolean {
  return /^[A-Za-z0-9._@+-]{0,39}$/.test(text) && text.replaceAll(shape, "") === text;
}

function judgeQuery(query: string, own: OwnCredentials): CredentialLook {
  let foreign: string | undefined;
  let hasOwn = false;
  for (const pair of query === "" ? [] : query.split(/[&;]/)) {
    const at = pair.indexOf("=");
    const name = decode(at < 0 ? pair : pair.slice(0, at)).toLowerCase();
    const value = at < 0 ? "" : decode(pair.slice(at + 1));
    if (own.texts.has(value)) hasOwn = true;
    else if (queryNames.has(name) ? judgeText(value, own) === "foreign" : hasForeignShape(value, own))
      foreign ??= `query ${name.replaceAll(/[^\x21-\x7e]/g, "?").slice(0, 80)}`;
  }
  return { foreign, hasOwn };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
