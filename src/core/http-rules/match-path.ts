/** Whether a path in its one form is among those that a pattern means. */
import { matchesText } from "./request-query.ts";

/** Any number of segments, at least one */
export const anySegments = "**";

/** Both as segments. Each pair of positions is looked at once, so that no pattern makes it slow. */
export function matchesPath(segments: readonly string[], pattern: readonly string[]): boolean {
  // Most rules of a long list part from the path before their first star
  let plain = 0;
  for (; plain < pattern.length && !pattern[plain]?.includes("*"); plain += 1)
    if (segments[plain] !== pattern[plain]) return false;
  let reached = new Set([plain]);
  for (const segment of segments.slice(plain)) {
    const next = new Set<number>();
    for (const at of reached) {
      const part = pattern[at];
      if (part === undefined) continue;
      if (part === anySegments) {
        if (segment.includes("%2F")) continue;
        next.add(at).add(at + 1);
      } else if (matchesSegment(segment, part)) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(pattern.length);
}

/** `*` is at least one character, and none of an encoded slash: that has to stand in the pattern. */
function matchesSegment(segment: string, pattern: string): boolean {
  if (!pattern.includes("*")) return segment === pattern;
  const [parts, wanted] = [segment.split("%2F"), pattern.split("%2F")];
  return (
    parts.length === wanted.length && wanted.every((want, index) => matchesText(parts[index] ?? "", want))
  );
}

/** True if every path that `narrow` means is among those of `wide`; false where that is not clear. */
export function coversPath(wide: readonly string[], narrow: readonly string[]): boolean {
  if (narrow.length === 0) return wide.length === 0;
  const [first = "", ...rest] = narrow;
  const [part, ...further] = wide;
  if (part === undefined) return false;
  if (part === anySegments) {
    if (first.includes("%2F")) return false;
    if (further.length === 0) return narrow.every((one) => !one.includes("%2F"));
    return coversPath(further, rest) || coversPath(wide, rest);
  }
  if (first === anySegments) return false;
  return coversSegment(part, first) && coversPath(further, rest);
}

function coversSegment(wide: string, narrow: string): boolean {
  if (wide === narrow || (wide === "*" && narrow !== "" && !narrow.includes("%2F"))) return true;
  return !narrow.includes("*") && matchesSegment(narrow, wide);
}
