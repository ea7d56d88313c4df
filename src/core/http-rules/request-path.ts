/**
 * The one form of a request's path that rules are matched with, and in which it goes on to the host. Servers read odd paths differently
 * (docs/rules.md has a table): what has no single meaning is refused and not repaired.
 */

export type PathResult =
  | { readonly ok: true; readonly segments: readonly string[] }
  | { readonly ok: false; readonly problem: string };

/** More than any API has; keeps matching short */
const maxSegments = 256;
/** RFC 3986 `pchar` without `;`, which some servers cut a segment at */
const plainSign = /^[A-Za-z0-9\-._~!$&'()*+,=:@]$/;
/** Decoded, these would part a path, end it, or be decoded again */
const partingSigns: ReadonlyMap<string, string> = new Map([
  ["5C", "a backslash"],
  ["3B", "a semicolon"],
  ["3F", "a question mark"],
  ["23", "a number sign"],
]);

/**
 * Reads a path that begins with a slash and has no query. Percent-encoded letters, digits, `-._~`, `@` and `:` are decoded, other
 * escapes stay in upper case. `%2F` stays, and only a pattern that has it too matches it.
 */
export function parseRequestPath(path: string): PathResult {
  if (!path.startsWith("/")) return refuse("the path does not begin with a slash");
  const segments = path.slice(1).split("/");
  if (segments.length > maxSegments) return refuse(`the path has more than ${maxSegments} segments`);
  const read: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === "" && index < segments.length - 1) return refuse("the path has two slashes in a row");
    const normal = readSegment(segment);
    if (!normal.ok) return normal;
    read.push(normal.text);
  }
  return { ok: true, segments: read };
}

type SegmentResult = { readonly ok: true; readonly text: string } | ReturnType<typeof refuse>;

function readSegment(segment: string): SegmentResult {
  const parts: string[] = [];
  for (let at = 0; at < segment.length; at += 1) {
    const sign = segment[at] ?? "";
    if (sign !== "%") {
      if (!plainSign.test(sign)) return refuse(`the path has ${nameSign(sign)}`);
      parts.push(sign);
      continue;
    }
    const read = readEscape(segment, at);
    if (!read.ok) return read;
    parts.push(read.text);
    at += 2;
  }
  const text = parts.join("");
  if (/%25[0-9A-Fa-f]{2}/.test(text)) return refuse("the path is encoded twice");
  // What is parted by an encoded slash is as many segments for some
  const inner = text.split("%2F");
  if (inner.some((one) => one === "." || one === "..")) return refuse("the path has a dot segment");
  if (inner.length > 1 && inner.includes(""))
    return refuse("the path has an encoded slash beside another one");
  if (!isUtf8(text)) return refuse("the path has an escape that is not UTF-8");
  return { ok: true, text };
}

function readEscape(segment: string, at: number): SegmentResult {
  const hex = segment.slice(at + 1, at + 3).toUpperCase();
  if (!/^[0-9A-F]{2}$/.test(hex)) return refuse("the path has a % that is no escape");
  const code = Number.parseInt(hex, 16);
  if (code < 0x20 || code === 0x7f) return refuse("the path has an encoded control character");
  const parting = partingSigns.get(hex);
  if (parting !== undefined) return refuse(`the path has ${parting} that is encoded`);
  const sign = String.fromCharCode(code);
  return { ok: true, text: /^[A-Za-z0-9\-._~@:]$/.test(sign) ? sign : `%${hex}` };
}

/** Strict: no overlong forms, no surrogates */
function isUtf8(text: string): boolean {
  if (!/%[89A-F]/.test(text)) return true;
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

function nameSign(sign: string): string {
  if (sign === "\\") return "a backslash";
  if (sign === ";") return "a semicolon, at which some servers cut it";
  if (sign === "#") return "a number sign";
  return /^[\x21-\x7e]$/.test(sign) ? `a raw "${sign}"` : "a character outside printable ASCII";
}

function refuse(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
