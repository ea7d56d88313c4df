/** Cookies that hosts have set in this session: a client that sends one back shows nobody else's account. */

/** Of one host; the oldest go first */
const maxCookies = 256;

export class SetCookies {
  readonly #pairs = new Map<string, Set<string>>();

  /** What a `Set-Cookie` of an answer says */
  note(host: string, lines: readonly string[]): void {
    const known = this.#pairs.get(host) ?? new Set<string>();
    this.#pairs.set(host, known);
    for (const line of lines) {
      const pair = (line.split(";")[0] ?? "").trim();
      known.delete(pair);
      known.add(pair);
    }
    for (const pair of known) {
      if (known.size <= maxCookies) break;
      known.delete(pair);
    }
  }

  has(host: string, pair: string): boolean {
    return this.#pairs.get(host)?.has(pair) ?? false;
  }
}
