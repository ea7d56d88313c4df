/** Takes credentials out of text that a sidecar logged: pipelock writes full URLs in clear, the token that it blocked included. */

const mark = "[redacted]";

/** What is a credential by its form alone, wherever it stands */
const credentials: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:bearer|basic|token)\s+[A-Za-z0-9+/=._~-]{8,}/gi,
  /\bsk-[A-Za-z0-9_-]{8,}/gi,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeprs]-|npm_|pypi-|dop_v1_|hf_|shpat_|SG\.)[A-Za-z0-9_.-]{8,}/gi,
  /\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{8,}/gi,
  /\bAIza[A-Za-z0-9_-]{16,}/gi,
  /\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]+){0,2}/g,
  /\b(?:password|passwd|secret|api[_-]?key|access[_-]?token|token)\s*[=:]\s*[^\s&,;"']+/gi,
];

/** Longer words than this of mixed kinds are looked at */
const longWord = /[A-Za-z0-9_+=-]{20,}/g;
/** Bits a character; words of a language and of host names stay below, random letters and digits do not */
const suspiciousEntropy = 3.6;

/** The text with everything that looks like a credential replaced. What it leaves can still be hostile: escape it to print it. */
export function redactCredentials(text: string): string {
  let result = text
    // A query or fragment is data of the request, and so is a user name
    .replaceAll(/([?#])[^\s"'<>]+/g, `$1${mark}`)
    .replaceAll(/:\/\/[^\s/@"']+@/g, `://${mark}@`);
  for (const pattern of credentials) result = result.replaceAll(pattern, mark);
  return result.replaceAll(longWord, (word) => (looksRandom(word) ? mark : word));
}

/** As above for a host name, label by label: what comes after the label that carries something tells where it went. */
export function redactHost(host: string): string {
  return host.split(".").map(redactCredentials).join(".");
}

function looksRandom(word: string): boolean {
  return /\d/.test(word) && /[A-Za-z]/.test(word) && entropyOf(word) >= suspiciousEntropy;
}

/** Shannon entropy of the characters, in bits */
function entropyOf(word: string): number {
  const counts = new Map<string, number>();
  for (const character of word) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / word.length) * Math.log2(count / word.length);
  return bits;
}
