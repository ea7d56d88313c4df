/** Which values of a bottle are secrets, and which are words: a bottle's environment holds both. */

const leastLength = 8;
/** Of what nobody has called a secret; shorter ones are often names of versions and regions */
const leastUnasked = 12;
const leastEntropy = 3;

const counts = new Uint16Array(256);

/** Bits a character, from how often each character comes. */
export function measureEntropy(text: string): number {
  counts.fill(0);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at) & 0xff;
    counts[code] = (counts[code] ?? 0) + 1;
  }
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** The user was asked for it, hidden: it is looked for unless it is a word that everybody writes. */
export function isSecretWhenAsked(value: string): boolean {
  return value.length >= leastLength && !/^(?:[a-z]{1,12}|[A-Z]{1,12}|\d{1,9})$/.test(value);
}

/** Like a token or a password, and not like a name, a path, an address or a sentence. */
export function isSecretLike(value: string): boolean {
  if (value.length < leastUnasked || /\s/.test(value)) return false;
  if (/^(?:[a-z][a-z0-9+.-]*:\/\/|~?\.{0,2}\/|[A-Za-z]:\\)/i.test(value)) return false;
  if (/^[^@\s]+@[a-z0-9.-]+\.[a-z]{2,}$/i.test(value)) return false;
  if (/^\d{1,4}(?:[-/.:T]\d{1,9})+Z?$/.test(value)) return false;
  const words = value.split(/[^A-Za-z0-9]+/).flatMap((part) => part.split(/(?<=[a-z])(?=[A-Z])/));
  if (words.every((word) => /^(?:[A-Z]?[a-z]*|[A-Z]+|[a-z]{0,4}\d{0,4})$/.test(word))) return false;
  return measureEntropy(value) >= leastEntropy;
}
