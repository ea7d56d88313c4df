/** The query of a request, as far as a rule names a part of it. Otherwise it goes on as it came. */

/** One parameter that a rule wants: there once, with a value that fits. `*` is at least one character. */
export interface QueryWish {
  readonly name: string;
  readonly value: string;
}

/** True if each parameter that is wished for is there exactly once under whatever spelling, and fits. */
export function fitsQuery(query: string | undefined, wishes: readonly QueryWish[]): boolean {
  if (wishes.length === 0) return true;
  // Some servers part a query at a semicolon too
  if (query === undefined || query.includes(";")) return false;
  const pairs = query.split("&").map(readPair);
  if (pairs.includes(undefined)) return false;
  return wishes.every((wish) => {
    const named = pairs.filter((one) => baseName(one?.name ?? "") === wish.name.toLowerCase());
    const [only] = named;
    return named.length === 1 && only?.name === wish.name && matchesText(only.value, wish.value);
  });
}

/** `name[]`, `name[0]` and `Name` are `name` for some servers. */
function baseName(name: string): string {
  return name.toLowerCase().replace(/[[.\s].*$/s, "");
}

function readPair(pair: string): QueryWish | undefined {
  const at = pair.indexOf("=");
  try {
    const name = decodeURIComponent((at < 0 ? pair : pair.slice(0, at)).replaceAll("+", " "));
    // A value with escapes fits no pattern but by its decoded form, and one that is decoded twice fits none
    const value = at < 0 ? "" : decodeURIComponent(pair.slice(at + 1).replaceAll("+", " "));
    return { name: name.trim(), value };
  } catch {
    return undefined;
  }
}

/** `*` is at least one character. Two pointers and no recursion: the time is at most the product of both lengths. */
export function matchesText(text: string, pattern: string): boolean {
  let [at, inPattern, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[inPattern] === "*") {
      star = inPattern;
      inPattern += 1;
      from = at + 1;
      at = from;
    } else if (pattern[inPattern] === text[at]) {
      at += 1;
      inPattern += 1;
    } else if (star >= 0) {
      inPattern = star + 1;
      from += 1;
      at = from;
    } else return false;
  }
  return inPattern === pattern.length;
}
