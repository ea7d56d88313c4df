/**
 * Names of files are bytes. Here they are text, in which a byte that is no UTF-8 stands as a lone low surrogate (U+DC80 to U+DCFF, as
 * Python's `surrogateescape` has it, PEP 383): so every name goes through as it is, and what prints one escapes it like any other.
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text for the bytes of a name. */
export function decodePath(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeLoosely(bytes);
  }
}

/** The bytes again: the reverse of `decodePath`. */
export function encodePath(path: string): Uint8Array {
  if (!hasStrangeBytes(path)) return new TextEncoder().encode(path);
  const bytes: number[] = [];
  for (const character of path) {
    const point = character.codePointAt(0) ?? 0;
    if (point >= 0xdc80 && point <= 0xdcff) bytes.push(point - 0xdc00);
    else bytes.push(...new TextEncoder().encode(character));
  }
  return Uint8Array.from(bytes);
}

/** True if the name is no UTF-8, so that a program of the runtime takes it only as bytes. */
export function hasStrangeBytes(path: string): boolean {
  return /[\udc80-\udcff]/u.test(path);
}

/** Names that end with a NUL each, as git's `-z` gives them. */
export function decodePaths(bytes: Uint8Array): string[] {
  try {
    return strict.decode(bytes).split("\0").filter(Boolean);
  } catch {
    // One odd name among thousands: only that one costs more
    const names: string[] = [];
    for (let start = 0; start < bytes.length;) {
      const end = bytes.indexOf(0, start);
      const stop = end < 0 ? bytes.length : end;
      if (stop > start) names.push(decodePath(bytes.subarray(start, stop)));
      start = stop + 1;
    }
    return names;
  }
}

/** Longest valid sequences as characters, every other byte by itself. */
function decodeLoosely(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => isCharacter(bytes.subarray(at, at + count), count));
    if (length === undefined) text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    else text += strict.decode(bytes.subarray(at, at + length));
    at += length ?? 1;
  }
  return text;
}

function isCharacter(bytes: Uint8Array, count: number): boolean {
  if (bytes.length !== count) return false;
  try {
    return [...strict.decode(bytes)].length === 1;
  } catch {
    return false;
  }
}
