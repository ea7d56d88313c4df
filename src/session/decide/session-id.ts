/** Session ids: short enough to type, random enough that two starts at once differ. */

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
const length = 6;

/** Six letters and digits, about 31 bits: `k3f9q2` */
export function makeSessionId(): string {
  const bytes = crypto.getRandomValues(new Uint32Array(length));
  return [...bytes].map((value) => alphabet[value % alphabet.length]).join("");
}
