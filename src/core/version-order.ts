/** Releases in their order: three numbers, and what comes before a release after a hyphen. */

const pattern = /^(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:-([0-9A-Za-z.-]{1,64}))?$/;

/** True for `1.2.3` and `1.2.3-rc.1`, as releases are named. */
export function isVersion(text: string): boolean {
  return pattern.test(text);
}

/** True if `a` came after `b`. A version that is none is after nothing. */
export function isNewer(a: string, b: string): boolean {
  const [one, other] = [pattern.exec(a), pattern.exec(b)];
  if (!one || !other) return false;
  for (const index of [1, 2, 3]) {
    const difference = Number(one[index]) - Number(other[index]);
    if (difference !== 0) return difference > 0;
  }
  // 1.0.0 is after 1.0.0-rc.1; of two that come before a release nobody can be sure
  return one[4] === undefined && other[4] !== undefined;
}
