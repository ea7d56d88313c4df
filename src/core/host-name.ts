/**
 * The one grammar of host names, from manifest to dialling, so that no two parsers can differ
 * (the NUL-byte and prefix-match bypasses of other sandboxes came from two grammars).
 * ASCII only, on the raw text; international names are written in punycode.
 */

/** Longest name on the wire without the final dot, RFC 1035 §2.3.4 */
const maxNameLength = 253;
const label = /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/;

/** Why a text is not a host name, for people. */
export type HostNameProblem = string;

export type HostNameResult =
  | { readonly ok: true; readonly host: string }
  | { readonly ok: false; readonly problem: HostNameProblem };

/**
 * Reads an exact host name and gives its canonical form: lower case, one trailing dot taken away.
 * IPv4 addresses are accepted in dotted decimal form only, since other forms are read differently by different programs.
 */
export function parseHostName(text: string): HostNameResult {
  const problem = commonProblem(text);
  if (problem) return { ok: false, problem };
  const host = text.toLowerCase().replace(/\.$/, "");
  if (isIpv4(host)) return { ok: true, host };
  const labels = host.split(".");
  if (host.length > maxNameLength)
    return { ok: false, problem: `it is longer than ${maxNameLength} characters` };
  const bad = labels.find((part) => !label.test(part));
  if (bad === "") return { ok: false, problem: "it has an empty label" };
  if (bad !== undefined) return { ok: false, problem: `"${bad}" is not a valid label` };
  if (looksNumeric(labels.at(-1) ?? "")) {
    return { ok: false, problem: "it looks like an address but is not four decimal numbers of 0 to 255" };
  }
  return { ok: true, host };
}

/** As `parseHostName`, and also accepts `*.` in front of a name with at least two labels. */
export function parseHostPattern(text: string): HostNameResult {
  if (text === "*" || text === "*.") return { ok: false, problem: "a bare * would allow every host" };
  if (!text.startsWith("*.")) return parseHostName(text);
  const rest = parseHostName(text.slice(2));
  if (!rest.ok) return rest;
  if (isIpv4(rest.host)) return { ok: false, problem: "* cannot come before an address" };
  if (!rest.host.includes("."))
    return { ok: false, problem: "* must come before a name with at least two labels" };
  return { ok: true, host: `*.${rest.host}` };
}

/** True if the canonical `host` is named by the canonical `pattern`; `*.x.y` names x.y itself and everything below it. */
export function matchesHostPattern(host: string, pattern: string): boolean {
  if (!pattern.startsWith("*.")) return host === pattern;
  const base = pattern.slice(2);
  return host === base || host.endsWith(`.${base}`);
}

/** True for four decimal numbers of 0 to 255 without leading zeros. */
export function isIpv4(host: string): boolean {
  const parts = host.split(".");
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
}

function commonProblem(text: string): HostNameProblem | undefined {
  if (text === "") return "it is empty";
  if (text.includes("://")) return "it has a scheme; write the host alone";
  if (text.includes("@")) return "it has a user name; write the host alone";
  if (text.includes("/"))
    return /^[\d.]+\/\d+$/.test(text)
      ? "address ranges cannot be listed"
      : "it has a path; write the host alone";
  if (text.startsWith("[") || text.split(":").length > 2)
    return "IPv6 addresses are not supported; write a name";
  if (text.includes(":")) return "it has a port; write the host alone";
  if (/[^\x21-\x7e]/.test(text))
    return "it has a character outside printable ASCII; write international names in punycode";
  if (text.includes("*") && !text.startsWith("*.")) return "* may only come first, as in *.example.com";
  return undefined;
}

/** WHATWG URL treats a name whose last label is a number (also hex) as an IPv4 address; so must we. */
function looksNumeric(lastLabel: string): boolean {
  return /^(\d+|0x[0-9a-f]*)$/.test(lastLabel);
}
